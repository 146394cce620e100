// What a program is told to ask an agent of this server, by protocol. Whoever has just made a key finds it in there.

const NO_KEY = "YOUR_KEY";

/** {kind: {address, text}} for the agent that is called `name` in addresses. `key` is null where none can be shown. */
export function snippets(origin, name, key) {
  const openai = `${origin}/v1`;
  const mcp = `${origin}/agents/${name}/mcp`;
  const a2a = `${origin}/agents/${name}/a2a`;
  const shown = key ?? NO_KEY;
  return {
    curl: { address: openai, text: curl(openai, name, shown) },
    openai: { address: openai, text: python(openai, name, shown) },
    mcp: { address: mcp, text: JSON.stringify({ mcpServers: { agent: { type: "http", url: mcp, headers: { Authorization: `Bearer ${shown}` } } } }, null, 2) },
    a2a: { address: `${a2a}/.well-known/agent-card.json`, text: card(a2a, shown) },
  };
}

const curl = (address, name, key) => `curl ${address}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${name}",
       "messages": [{"role": "user", "content": "Hello"}]}'`;

const python = (address, name, key) => `# pip install openai
from openai import OpenAI

client = OpenAI(base_url="${address}", api_key="${key}")
answer = client.chat.completions.create(
    model="${name}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`;

const card = (address, key) => `# pip install a2a-sdk httpx
import asyncio
import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types import Message, Part, Role, SendMessageRequest

AGENT = "${address}"
KEY = "${key}"

async def main():
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(headers=headers, timeout=300) as http:
        card = await A2ACardResolver(http, AGENT).get_agent_card()
        client = ClientFactory(ClientConfig(httpx_client=http)).create(card)
        said = Message(message_id="1", role=Role.ROLE_USER, parts=[Part(text="Hello")])
        async for event in client.send_message(SendMessageRequest(message=said)):
            for part in event.artifact_update.artifact.parts:
                print(part.text, end="", flush=True)

asyncio.run(main())`;
