// What a program is told to ask an agent of this server, by protocol. `AGENT_KEY` stands for the key.

/** {kind: {address, text}} for the agent that is called `name` in addresses. */
export function snippets(origin, name) {
  const openai = `${origin}/v1`;
  const mcp = `${origin}/agents/${name}/mcp`;
  const a2a = `${origin}/agents/${name}/a2a`;
  return {
    curl: { address: openai, text: curl(openai, name) },
    openai: { address: openai, text: python(openai, name) },
    mcp: { address: mcp, text: JSON.stringify({ mcpServers: { agent: { type: "http", url: mcp, headers: { Authorization: "Bearer AGENT_KEY" } } } }, null, 2) },
    a2a: { address: `${a2a}/.well-known/agent-card.json`, text: card(a2a) },
  };
}

const curl = (address, name) => `curl ${address}/chat/completions \\
  -H "Authorization: Bearer $AGENT_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${name}", "stream": true,
       "messages": [{"role": "user", "content": "Hello"}]}'`;

const python = (address, name) => `import os
from openai import OpenAI

client = OpenAI(base_url="${address}", api_key=os.environ["AGENT_KEY"])
answer = client.chat.completions.create(
    model="${name}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`;

const card = (address) => `import asyncio, os
import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types import Message, Part, Role, SendMessageRequest

async def main():
    headers = {"Authorization": f"Bearer {os.environ['AGENT_KEY']}"}
    async with httpx.AsyncClient(headers=headers, timeout=300) as http:
        card = await A2ACardResolver(http, "${address}").get_agent_card()
        client = ClientFactory(ClientConfig(httpx_client=http)).create(card)
        said = Message(message_id="1", role=Role.ROLE_USER, parts=[Part(text="Hello")])
        async for event in client.send_message(SendMessageRequest(message=said)):
            print(event)

asyncio.run(main())`;
