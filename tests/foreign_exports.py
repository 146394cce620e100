"""Exports as other products write them, by hand and small: of each what its own form has, in its own words."""

import base64
import json
from typing import Any

from tests.documents import archive
from tests.pictures import png

CANARY = "sk-canary-0123456789abcdef"

DIFY_AGENT = """\
app:
  description: Plans weekends in two steps.
  icon: "\\U0001F9ED"
  icon_background: '#FFEAD5'
  mode: agent-chat
  name: Weekend Scout
  use_icon_as_answer_icon: false
dependencies:
- current_identifier: null
  type: marketplace
  value:
    marketplace_plugin_unique_identifier: langgenius/openai:0.0.7@11
kind: app
model_config:
  agent_mode:
    enabled: true
    max_iteration: 5
    strategy: function_call
    tools:
    - enabled: true
      isDeleted: false
      provider_id: time
      provider_name: time
      provider_type: builtin
      tool_label: Current Time
      tool_name: current_time
      tool_parameters: {}
    - enabled: true
      provider_id: langgenius/duckduckgo/duckduckgo
      provider_type: builtin
      tool_name: ddgo_search
      tool_parameters: {}
    - enabled: true
      provider_type: api
      tool_name: book_hotel
      tool_parameters:
        api_key: sk-canary-0123456789abcdef
  dataset_configs:
    datasets:
      datasets:
      - dataset: {enabled: true, id: 6b1f8a}
    retrieval_model: multiple
  model:
    completion_params: {max_tokens: 900, stop: [], temperature: 0.4, top_p: 0.9}
    mode: chat
    name: gpt-4o
    provider: langgenius/openai/openai
  opening_statement: Where to this weekend?
  pre_prompt: Plan a weekend in {{city}}. Ask for the budget first.
  prompt_type: simple
  speech_to_text: {enabled: true}
  suggested_questions:
  - Two days in Hangzhou?
  - Something with children
  user_input_form:
  - text-input: {default: '', label: City, required: true, variable: city}
version: 0.3.0
"""

DIFY_FLOW = """\
app: {description: '', icon: x, mode: advanced-chat, name: 客服}
kind: app
version: 0.5.0
workflow:
  conversation_variables: [{id: c1, name: mood, value_type: string}]
  environment_variables:
  - {id: e1, name: SHOP_KEY, value: sk-canary-0123456789abcdef, value_type: secret}
  features:
    opening_statement: 您好，请问订单号是多少？
    suggested_questions: [我的快递到哪了？]
  graph:
    edges: []
    nodes:
    - {id: '1', data: {type: start, title: 开始, variables: []}}
    - id: '2'
      data:
        type: llm
        title: 理解
        model: {name: qwen-max, provider: tongyi, completion_params: {temperature: 0.1}}
        prompt_template:
        - {role: system, text: '先弄清用户的订单号。资料：{{#context#}}'}
        - {role: user, text: '{{#sys.query#}}'}
    - {id: '3', data: {type: if-else, title: 判断}}
    - {id: '4', data: {type: code, title: 计算, code: 'import os; os.system("touch /tmp/pwned")'}}
    - id: '5'
      data:
        type: llm
        title: 回答
        model: {name: qwen-max, provider: tongyi}
        prompt_template: [{role: system, text: '根据 {{#2.text#}} 用两句话回答。'}]
    - {id: '6', data: {type: answer, title: 完成, answer: '{{#5.text#}}'}}
"""


def open_webui() -> list[dict[str, Any]]:
    picture = base64.b64encode(png(40, 40)).decode()
    return [
        {
            "id": "tutor",
            "user_id": "3f0c-owner",
            "base_model_id": "llama3.1:8b",
            "name": "Maths Tutor",
            "params": {"system": "Explain one step at a time.", "temperature": 0.2, "num_ctx": 8192},
            "meta": {
                "profile_image_url": f"data:image/png;base64,{picture}",
                "description": "Helps with fractions.",
                "capabilities": {"vision": True, "citations": True},
                "suggestion_prompts": [{"content": "What is 3/4 of 12?", "title": ["Fractions", ""]}],
                "toolIds": ["web_search", "grade_book"],
                "knowledge": [{"id": "k1", "name": "Curriculum", "type": "collection"}],
                "filterIds": ["profanity"],
            },
            "access_control": {"read": {"group_ids": ["g1"], "user_ids": []}},
            "is_active": True,
            "updated_at": 1_760_000_000,
            "created_at": 1_750_000_000,
        },
        {"id": "poet", "base_model_id": "x", "name": "Poet", "params": {"system": "Rhyme."}, "meta": {}},
    ]


GPT = {
    "gizmo": {
        "id": "g-abc123",
        "author": {"user_id": "user-owner", "display_name": "Somebody"},
        "instructions": "You look up orders. Never guess a number.",
        "display": {
            "name": "Order Desk",
            "description": "Knows where your parcel is.",
            "welcome_message": "Which order?",
            "prompt_starters": ["Where is order 12?", "Cancel my order"],
            "profile_picture_url": "https://files.example/p.png",
        },
    },
    "tools": [
        {"id": "t1", "type": "browser", "settings": None},
        {"id": "t2", "type": "dalle", "settings": None},
        {
            "id": "t3",
            "type": "plugins_prototype",
            "metadata": {
                "domain": "shop.example",
                "raw_spec": json.dumps(
                    {
                        "openapi": "3.1.0",
                        "info": {"title": "Shop", "version": "1"},
                        "servers": [{"url": "https://shop.example"}],
                        "paths": {
                            "/orders/{id}": {
                                "parameters": [
                                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                                ],
                                "get": {"operationId": "getOrder", "responses": {"200": {"description": "It"}}},
                                "delete": {"operationId": "cancel", "responses": {"204": {"description": "Gone"}}},
                            },
                            "/broken/{id}": {"get": {"operationId": "lookUp", "responses": {}}},
                        },
                    }
                ),
                "auth": {"type": "service_http", "authorization_type": "bearer", "verification_tokens": {"x": CANARY}},
            },
        },
    ],
    "files": [{"id": "f1", "name": "returns.pdf", "type": "application/pdf", "size": 12}],
}

LIBRECHAT = {
    "id": "agent_x1",
    "author": "64f-owner",
    "name": "Researcher",
    "description": "Finds sources.",
    "instructions": "Cite every claim.",
    "provider": "openAI",
    "model": "gpt-4.1",
    "model_parameters": {"temperature": 0.5, "top_p": 0.8, "maxContextTokens": 64_000},
    "tools": ["web_search", "file_search", "execute_code", "search_mcp_papers", "find_action_api---example---org"],
    "tool_resources": {"file_search": {"file_ids": ["file-9"]}},
    "conversation_starters": ["What is new on superconductors?"],
    "avatar": {"filepath": "/images/64f/agent.png", "source": "local"},
}

LIBRECHAT_PRESET = {
    "presetId": "p1",
    "title": "Kind editor",
    "endpoint": "openAI",
    "model": "gpt-4o-mini",
    "promptPrefix": "Edit gently.",
    "temperature": 1,
    "greeting": "Paste your text.",
}

LOBECHAT = {
    "exportType": "agents",
    "state": {
        "sessionGroups": [],
        "sessions": [
            {
                "id": "ssn_1",
                "type": "agent",
                "meta": {"title": "旅途写手", "description": "写游记", "avatar": "✍️", "tags": ["写作"]},
                "config": {
                    "model": "gpt-4o",
                    "provider": "openai",
                    "systemRole": "你把照片和笔记写成游记。",
                    "openingMessage": "去了哪里？",
                    "openingQuestions": ["帮我写一段西湖"],
                    "params": {"temperature": 0.9, "top_p": 1, "presence_penalty": 0},
                    "plugins": ["lobe-web-browsing", "bilibili"],
                    "fewShots": [{"role": "user", "content": "你好"}],
                },
            },
            {"id": "ssn_2", "type": "agent", "meta": {"title": "Second"}, "config": {"systemRole": "Be second."}},
        ],
    },
    "version": 7,
}

LOBECHAT_MARKET = {
    "author": "somebody",
    "identifier": "x",
    "schemaVersion": 1,
    "meta": {"title": "Namer", "description": "Names things", "avatar": "🏷️", "tags": []},
    "config": {"systemRole": "Suggest five names.", "openingQuestions": ["For a tea shop"]},
}


def predecessor_config(**changes: Any) -> dict[str, Any]:
    """A `builder_config.json` as the predecessor's form saves it."""
    return {
        "name": "武侠说书人",
        "avatar": "custom_bot_avatar.png",
        "description": "讲一个由你决定的江湖故事",
        "instruction": "每次给出三个选择；等玩家选",
        "prompt_recommend": ["从客栈开始", "我要学剑"],
        "knowledge": ["/tmp/agentfabric/config/local_user/门派.txt", "config/兵器谱.md", "/x/lost.pdf"],
        "tools": {
            "image_gen": {"name": "Wanx Image Generation", "is_active": True, "use": True, "is_remote_tool": True},
            "damo/old-tool": {"name": "Old", "is_active": True, "use": True},
        },
        "model": "qwen-max",
        "language": "zh",
        **changes,
    }


PLUGIN = {
    "schema": json.loads(GPT["tools"][2]["metadata"]["raw_spec"]),  # type: ignore[index]
    "auth": {"type": "API Key", "apikey": CANARY, "apikey_type": "Bearer"},
    "privacy_policy": "",
}


def predecessor_zip(folder: str = "config", around: str = "", **changes: Any) -> bytes:
    """What the predecessor published: the agent in `folder`, the application's own files around it."""
    files: dict[str, str | bytes] = {
        f"{folder}/builder_config.json": json.dumps(predecessor_config(**changes), ensure_ascii=False),
        f"{folder}/openapi_plugin_config.json": json.dumps(PLUGIN),
        f"{folder}/custom_bot_avatar.png": png(64, 64),
        f"{folder}/门派.txt": "少林、武当、峨眉。".encode(),
        f"{folder}/兵器谱.md": "# 剑\n\n青釭剑。".encode(),
        "config/model_config.json": json.dumps({"qwen-max": {"api_key": CANARY}}),
        "config/tool_config.json": "{}",
        "app.py": "raise SystemExit('it was run')",
        "assets/app.css": "",
        "requirements.txt": "gradio==4.36.1",
    }
    return archive({f"{around}{name}": data for name, data in files.items()})
