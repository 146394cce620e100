"""Exports in every shape that other products' own code writes, several versions of each: their fields, our words."""

import base64
import json
from typing import Any

from tests.foreign_exports import CANARY
from tests.pictures import png

_OFF: dict[str, Any] = {"enabled": False}
_IMAGE = {"image": {"enabled": False, "number_limits": 3, "detail": "high", "transfer_methods": ["remote_url"]}}

DIFY_CHAT_OLD: dict[str, Any] = {
    "app": {"icon": "\U0001f916", "icon_background": "#FFEAD5", "mode": "chat", "name": "Site sketcher"},
    "model_config": {
        "agent_mode": {"enabled": False, "max_iteration": 5, "strategy": "function_call", "tools": []},
        "annotation_reply": _OFF,
        "chat_prompt_config": {},
        "completion_prompt_config": {},
        "dataset_configs": {"datasets": {"datasets": []}, "retrieval_model": "single"},
        "dataset_query_variable": "",
        "external_data_tools": [],
        "file_upload": _IMAGE,
        "model": {
            "completion_params": {
                "frequency_penalty": 0.1,
                "max_tokens": 700,
                "stop": [],
                "temperature": 0,
                "top_p": 1,
            },
            "mode": "chat",
            "name": "gpt-3.5-turbo-0125",
            "provider": "openai",
        },
        "more_like_this": _OFF,
        "opening_statement": "What kind of site?",
        "pre_prompt": "Sketch a site of one page.",
        "prompt_type": "simple",
        "retriever_resource": _OFF,
        "sensitive_word_avoidance": {"configs": [], "enabled": False, "type": ""},
        "speech_to_text": _OFF,
        "suggested_questions": ["A page for a bakery"],
        "suggested_questions_after_answer": {"enabled": True},
        "text_to_speech": _OFF,
        "user_input_form": [],
    },
}

DIFY_FIRST_AGENT: dict[str, Any] = {
    "app": {"icon": "x", "icon_background": None, "mode": "agent-chat", "name": "First of its kind"},
    "model_config": {
        "agent_mode": {
            "enabled": True,
            "strategy": "router",
            "tools": [
                {"dataset": {"enabled": True, "id": "ds-1"}},
                {"google_search": {"enabled": True}},
                {"web_reader": {"enabled": False}},
            ],
        },
        "model": {"completion_params": {"temperature": 0.5}, "name": "gpt-4", "provider": "openai"},
        "pre_prompt": "Look things up.",
    },
}

DIFY_COMPLETION: dict[str, Any] = {
    "app": {
        "description": "Queries from plain words.",
        "icon": "https://example.org/icon.png",
        "icon_type": "image",
        "icon_background": None,
        "mode": "completion",
        "name": "Query writer",
        "use_icon_as_answer_icon": False,
    },
    "kind": "app",
    "version": "0.1.5",
    "dependencies": [
        {
            "current_identifier": None,
            "type": "github",
            "value": {
                "github_plugin_unique_identifier": "someone/models:0.0.3@1",
                "repo": "someone/models",
                "version": "3",
            },
        }
    ],
    "model_config": {
        "completion_prompt_config": {
            "conversation_histories_role": {"assistant_prefix": "Assistant", "user_prefix": "Human"},
            "prompt": {"text": "Write {{dialect}} for: {{#query#}}"},
        },
        "dataset_query_variable": "schema",
        "model": {
            "completion_params": {},
            "mode": "completion",
            "name": "gpt-3.5-turbo-instruct",
            "provider": "openai",
        },
        "more_like_this": {"enabled": True},
        "prompt_type": "advanced",
        "user_input_form": [
            {
                "select": {
                    "default": "MySQL",
                    "label": "Dialect",
                    "options": ["MySQL", "SQLite"],
                    "required": True,
                    "variable": "dialect",
                }
            },
            {
                "paragraph": {
                    "default": "",
                    "label": "Question",
                    "max_length": 900,
                    "required": True,
                    "variable": "query",
                }
            },
        ],
    },
}

DIFY_ADVANCED_CHAT: dict[str, Any] = {
    "app": {"description": "", "icon": "x", "mode": "chat", "name": "Own prompt", "icon_type": "emoji"},
    "kind": "app",
    "version": "0.1.2",
    "model_config": {
        "chat_prompt_config": {
            "prompt": [
                {"role": "system", "text": "Use only this: {{#context#}}"},
                {"role": "user", "text": "An example question"},
                {"role": "assistant", "text": "An example answer"},
            ]
        },
        "dataset_configs": {
            "datasets": {"datasets": [{"dataset": {"enabled": True, "id": "b2c4"}}], "strategy": "router"},
            "reranking_enable": True,
            "retrieval_model": "multiple",
            "score_threshold": 0.5,
            "top_k": 4,
        },
        "external_data_tools": [
            {
                "enabled": True,
                "label": "Prices",
                "type": "api",
                "variable": "prices",
                "config": {"api_based_extension_id": "e1"},
            }
        ],
        "model": {"completion_params": {"temperature": 7}, "mode": "chat", "name": "qwen-max", "provider": "tongyi"},
        "prompt_type": "advanced",
        "sensitive_word_avoidance": {"enabled": True, "type": "keywords", "config": {"keywords": "bad"}},
    },
}


def _box(number: str, kind: str, **data: Any) -> dict[str, Any]:
    return {
        "data": {"desc": "", "selected": False, "type": kind, **data},
        "height": 98,
        "id": number,
        "position": {"x": 80, "y": 282},
        "positionAbsolute": {"x": 80, "y": 282},
        "selected": False,
        "sourcePosition": "right",
        "targetPosition": "left",
        "type": "custom",
        "width": 244,
    }


def _edge(source: str, target: str) -> dict[str, Any]:
    return {
        "id": f"{source}-{target}",
        "source": source,
        "target": target,
        "type": "custom",
        "data": {"isInLoop": False},
    }


_QWEN = {
    "completion_params": {"temperature": 0.3},
    "mode": "chat",
    "name": "qwen-plus",
    "provider": "langgenius/tongyi/tongyi",
}

_OF_AN_AGENT = {key: value for key, value in _QWEN.items() if key != "name"} | {
    "model": "qwen-max",
    "model_type": "llm",
}

DIFY_WORKFLOW: dict[str, Any] = {
    "app": {"description": "From a ticket to an answer.", "icon": "x", "mode": "workflow", "name": "Ticket desk"},
    "dependencies": [
        {
            "current_identifier": None,
            "type": "marketplace",
            "value": {"marketplace_plugin_unique_identifier": "langgenius/tongyi:0.0.9@2"},
        }
    ],
    "kind": "app",
    "version": "0.3.1",
    "workflow": {
        "conversation_variables": [],
        "environment_variables": [
            {
                "description": "",
                "id": "e1",
                "name": "SHOP_KEY",
                "selector": ["env", "SHOP_KEY"],
                "value": CANARY,
                "value_type": "secret",
            }
        ],
        "features": {"file_upload": {**_IMAGE, "enabled": True}, "retriever_resource": {"enabled": True}},
        "graph": {
            "edges": [
                _edge("1", "2"),
                _edge("2", "5"),
                _edge("5", "3"),
                _edge("3", "4"),
                _edge("4", "6"),
                _edge("6", "7"),
            ],
            "nodes": [
                _box(
                    "1",
                    "start",
                    title="Start",
                    variables=[
                        {
                            "label": "The ticket",
                            "max_length": 4000,
                            "options": [],
                            "required": True,
                            "type": "paragraph",
                            "variable": "ticket",
                        }
                    ],
                ),
                _box(
                    "4",
                    "llm",
                    title="Write",
                    context={"enabled": True, "variable_selector": ["3", "result"]},
                    model={**_QWEN, "name": "qwen-max"},
                    prompt_template=[
                        {"id": "p1", "role": "system", "text": "Answer from {{#3.result#}}."},
                        {"id": "p2", "role": "user", "text": "{{#1.ticket#}}"},
                        {"id": "p3", "role": "user", "text": "Sign as the desk.", "edition_type": "basic"},
                    ],
                    vision={"enabled": False},
                ),
                _box(
                    "2",
                    "question-classifier",
                    title="Sort",
                    classes=[{"id": "c1", "name": "Refunds"}, {"id": "c2", "name": "Everything else"}],
                    instruction="Refunds are about money back.",
                    model=_QWEN,
                    query_variable_selector=["1", "ticket"],
                ),
                _box(
                    "5",
                    "parameter-extractor",
                    title="Facts",
                    model=_QWEN,
                    parameters=[{"description": "as printed", "name": "order", "required": True, "type": "string"}],
                    query=["1", "ticket"],
                    reasoning_mode="prompt",
                ),
                _box(
                    "3",
                    "knowledge-retrieval",
                    title="House rules",
                    dataset_ids=["VGhpcyBpcyBzZWNyZXQ="],
                    multiple_retrieval_config={"reranking_enable": False, "top_k": 4},
                    query_variable_selector=["1", "ticket"],
                    retrieval_mode="multiple",
                ),
                _box(
                    "6",
                    "http-request",
                    title="File it",
                    authorization={"type": "api-key", "config": {"api_key": CANARY}},
                    method="post",
                    url="https://shop.example/tickets",
                ),
                _box("7", "end", title="End", outputs=[{"value_selector": ["4", "text"], "variable": "text"}]),
                {
                    "data": {"author": "someone", "text": "{}", "theme": "blue", "type": ""},
                    "id": "n1",
                    "type": "custom-note",
                },
            ],
            "viewport": {"x": 0, "y": 0, "zoom": 1},
        },
    },
}

DIFY_AGENT_NODE: dict[str, Any] = {
    "app": {"description": "", "icon": "x", "mode": "advanced-chat", "name": "Searcher"},
    "kind": "app",
    "version": "0.6.0",
    "workflow": {
        "conversation_variables": [
            {
                "description": "",
                "id": "c1",
                "name": "mood",
                "selector": ["conversation", "mood"],
                "value": "",
                "value_type": "string",
            }
        ],
        "features": {"opening_statement": "Ask away.", "suggested_questions": ["Who won?"]},
        "graph": {
            "edges": [_edge("1", "2"), _edge("2", "3")],
            "nodes": [
                _box("1", "start", title="Start", variables=[]),
                _box(
                    "2",
                    "agent",
                    title="Agent",
                    agent_parameters={
                        "instruction": {"type": "constant", "value": "Search, then answer {{#sys.query#}} briefly."},
                        "maximum_iterations": {"type": "constant", "value": 6},
                        "model": {"type": "constant", "value": _OF_AN_AGENT},
                        "query": {"type": "constant", "value": "{{#sys.query#}}"},
                        "tools": {
                            "type": "constant",
                            "value": [
                                {
                                    "enabled": True,
                                    "extra": {"description": ""},
                                    "parameters": {"query": {"auto": 1, "value": None}},
                                    "provider_name": "langgenius/tavily/tavily",
                                    "schemas": [],
                                    "settings": {"topic": {"value": "news"}},
                                    "tool_label": "Search",
                                    "tool_name": "tavily_search",
                                    "type": "builtin",
                                },
                                {"enabled": False, "provider_name": "x", "tool_name": "never_on", "type": "builtin"},
                            ],
                        },
                    },
                    agent_strategy_label="FunctionCalling",
                    agent_strategy_name="function_calling",
                    agent_strategy_provider_name="langgenius/agent/agent",
                    plugin_unique_identifier="langgenius/agent:0.0.14@3",
                    tool_node_version="2",
                ),
                _box("3", "answer", title="Answer", answer="Here is what I found:\n{{#2.text#}}", variables=[]),
            ],
        },
    },
}

WEBUI_NEW: list[dict[str, Any]] = [
    {
        "access_grants": [{"id": "g1", "principal_type": "user", "principal_id": "*", "permission": "read"}],
        "base_model_id": "gpt-4o",
        "created_at": 1_760_000_000,
        "id": "law-clerk",
        "is_active": False,
        "meta": {
            "actionIds": ["pin"],
            "builtinTools": {"memory": True, "time": True, "notes": False},
            "capabilities": {"code_interpreter": True, "usage": None, "vision": True, "web_search": False},
            "defaultFeatureIds": ["web_search"],
            "defaultFilterIds": ["tidy"],
            "description": "Finds the clause.",
            "filterIds": ["profanity"],
            "hidden": True,
            "knowledge": [
                {"collection_names": ["a", "b"], "legacy": True, "name": "Statutes", "type": "collection"},
                {"file": {"filename": "code.pdf", "id": "f2"}, "id": "f2", "type": "file"},
            ],
            "profile_image_url": "data:image/svg+xml;base64,PHN2Zy8+",
            "skillIds": ["cite"],
            "suggestion_prompts": [{"content": "Which clause?", "title": ["Find", "a clause"]}],
            "tags": [{"name": "law"}],
            "toolIds": ["server:mcp:courts"],
            "tts": {"voice": "alloy"},
        },
        "name": "Law clerk",
        "params": {
            "custom_params": {"safe": "yes"},
            "function_calling": "native",
            "max_tokens": 2048,
            "stop": ["END"],
            "stream_response": True,
            "system": "Quote the clause first.",
            "temperature": 0.1,
        },
        "updated_at": 1_760_000_001,
        "user": {"email": "owner@example.org", "id": "u1", "name": "Owner", "role": "user"},
        "user_id": "u1",
        "write_access": True,
    }
]

WEBUI_LISTED: list[dict[str, Any]] = [
    {
        "created": 1_710_000_000,
        "id": "poet",
        "info": {
            "base_model_id": "llama3:8b",
            "id": "poet",
            "meta": {
                "description": None,
                "profile_image_url": "/static/favicon.png",
                "suggestion_prompts": None,
                "tags": [],
            },
            "name": "Poet",
            "params": {"num_predict": 300, "system": "Rhyme."},
        },
        "name": "Poet",
        "object": "model",
        "owned_by": "ollama",
        "preset": True,
    }
]

_SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example"}],
    "paths": {"/orders": {"get": {"operationId": "orders", "responses": {"200": {"description": "All"}}}}},
}

GPT_REQUEST: dict[str, Any] = {
    "gizmo": {
        "author": {"display_name": "Somebody", "user_id": "user-owner"},
        "display": {
            "categories": ["lifestyle"],
            "description": "Calm advice.",
            "name": "Stoic",
            "profile_pic_id": None,
            "profile_picture_url": "https://files.example/p.png",
            "prompt_starters": ["How do I rest?"],
            "welcome_message": "Sit down.",
        },
        "id": "g-abc",
        "instructions": "Answer as a stoic.",
        "model": "gpt-4o",
        "organization_id": "org-1",
        "short_url": "g-abc-stoic",
        "tags": ["public"],
        "created_at": "2024-01-01T00:00:00+00:00",
    },
    "files": [{"file_id": "file-1", "id": "f1", "location": "r", "type": "text/plain"}],
    "product_features": {"attachments": {"type": "retrieval"}},
    "tools": [
        {"id": "t1", "metadata": None, "settings": None, "type": "browser"},
        {"id": "t2", "metadata": None, "settings": None, "type": "canvas"},
        {
            "id": "t3",
            "metadata": {
                "action_id": "a1",
                "auth": {"custom_auth_header": "", "type": "service_http", "verification_tokens": {"x": CANARY}},
                "domain": "shop.example",
                "privacy_policy_url": "https://shop.example/privacy",
                "raw_spec": json.dumps(_SPEC),
            },
            "type": "plugins_prototype",
        },
    ],
}

GPT_BY_HAND: dict[str, Any] = {
    "name": "Recipe box",
    "description": "Cooks with what there is.",
    "instructions": "Ask what is in the fridge.",
    "conversation_starters": ["Eggs and rice"],
    "capabilities": {"web_browsing": True, "image_generation": False, "code_interpreter": True},
    "actions": [{"name": "shop", "schema": _SPEC, "authentication": {"type": "api_key", "api_key": CANARY}}],
    "knowledge_files": ["pantry.csv"],
}

ASSISTANT: dict[str, Any] = {
    "created_at": 1_699_009_709,
    "description": None,
    "id": "asst_abc",
    "instructions": "You tutor maths.",
    "metadata": {"team": "blue"},
    "model": "gpt-4o",
    "name": "Tutor",
    "object": "assistant",
    "response_format": "auto",
    "temperature": 0.2,
    "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": {"vector_store_ids": ["vs_1"]}},
    "tools": [
        {"type": "code_interpreter"},
        {"type": "file_search", "file_search": {"ranking_options": {"ranker": "default", "score_threshold": 0.1}}},
        {
            "type": "function",
            "function": {"description": "Marks", "name": "grade", "parameters": {"type": "object"}, "strict": False},
        },
    ],
    "top_p": 0.9,
}

LIBRECHAT_AGENT: dict[str, Any] = {
    "__v": 3,
    "_id": "66f",
    "actions": ["api---shop---example_action_x1"],
    "agent_ids": [],
    "artifacts": "default",
    "author": "64f-owner",
    "authorName": "Owner",
    "avatar": {"filepath": "/images/64f/agent.png", "source": "local"},
    "category": "general",
    "conversation_starters": ["What is new?"],
    "createdAt": "2025-05-01T00:00:00.000Z",
    "description": "Finds sources.",
    "edges": [{"edgeType": "handoff", "from": "agent_x1", "to": "agent_y2"}],
    "end_after_tools": True,
    "hide_sequential_outputs": False,
    "id": "agent_x1",
    "instructions": "Cite every claim.",
    "isCollaborative": False,
    "mcpServerNames": ["papers"],
    "model": "gpt-4.1",
    "model_parameters": {"maxContextTokens": 64_000, "max_tokens": 900, "temperature": 0.5},
    "name": "Researcher",
    "projectIds": ["p1"],
    "provider": "openAI",
    "recursion_limit": 25,
    "support_contact": {"email": "help@example.org", "name": "Help"},
    "tool_options": {"search_mcp_papers": {"defer_loading": True}},
    "tool_resources": {
        "execute_code": {"file_ids": ["file-8"]},
        "file_search": {"file_ids": ["file-9"], "files": [{"file_id": "file-9", "filename": "paper.pdf"}]},
    },
    "tools": ["web_search", "file_search", "execute_code", "search_mcp_papers", "orders_action_api---shop---example"],
    "updatedAt": "2025-05-02T00:00:00.000Z",
    "versions": [{"instructions": "Cite."}],
}

LIBRECHAT_PRESET_FULL: dict[str, Any] = {
    "endpoint": "google",
    "endpointType": None,
    "examples": [{"input": {"content": "a"}, "output": {"content": "b"}}],
    "file_ids": ["file-7"],
    "greeting": "Hello.",
    "maxOutputTokens": 800,
    "model": "gemini-2.0-flash",
    "modelLabel": "Editor",
    "presetId": "p1",
    "promptPrefix": "Edit gently.",
    "tags": ["writing"],
    "temperature": 1,
    "title": "Kind editor",
    "tools": [{"name": "Google", "pluginKey": "google"}],
    "topK": 40,
    "topP": 0.95,
    "user": "64f-owner",
    "web_search": True,
}

LIBRECHAT_CONVERSATION: dict[str, Any] = {
    "branches": False,
    "conversationId": "c-1",
    "endpoint": "openAI",
    "exportAt": "12:00:00 GMT+0000",
    "messages": [{"isCreatedByUser": True, "messageId": "m1", "text": "hi"}],
    "options": {"endpoint": "openAI", "model": "gpt-4o", "promptPrefix": "Be brief.", "temperature": 0.4},
    "recursive": False,
    "title": "About briefness",
}

_LOBE_CONFIG: dict[str, Any] = {
    "chatConfig": {
        "autoCreateTopicThreshold": 2,
        "enableAutoCreateTopic": True,
        "historyCount": 8,
        "inputTemplate": "Answer in verse: {{text}}",
        "searchMode": "auto",
    },
    "fewShots": [{"content": "Hi", "role": "user"}],
    "files": [{"enabled": True, "id": "f1", "name": "verses.txt"}],
    "knowledgeBases": [{"enabled": True, "id": "k1", "name": "Poems"}],
    "model": "gpt-4o-mini",
    "openingMessage": "Give me a word.",
    "openingQuestions": ["Sea"],
    "params": {"frequency_penalty": 0.2, "max_tokens": 500, "temperature": 0.9, "top_p": 1},
    "plugins": ["lobe-image-designer", "bilibili"],
    "provider": "openai",
    "systemRole": "Answer in verse.",
    "tts": {"sttLocale": "auto", "ttsService": "openai", "voice": {"openai": "alloy"}},
    "virtual": False,
}
_LOBE_META: dict[str, Any] = {
    "avatar": "\U0001f58b",
    "backgroundColor": "#fff",
    "description": "Rhymes on anything",
    "tags": ["writing"],
    "title": "Versifier",
}

LOBE_SESSIONS: dict[str, Any] = {
    "exportType": "all",
    "state": {
        "messages": [{"content": "hi", "id": "m1", "role": "user"}],
        "sessionGroups": [{"id": "g1", "name": "Work"}],
        "sessions": [
            {
                "config": _LOBE_CONFIG,
                "createdAt": "2025-01-01",
                "group": "g1",
                "id": "s1",
                "meta": _LOBE_META,
                "model": "gpt-4o-mini",
                "pinned": True,
                "type": "agent",
                "updatedAt": "2025-01-02",
            },
            {"id": "s2", "meta": {"title": "All of us"}, "type": "group"},
        ],
        "settings": {"fontSize": 14},
        "topics": [],
    },
    "version": 7,
}

LOBE_FIRST: dict[str, Any] = {
    "exportType": "sessions",
    "state": {
        "sessions": {
            "s1": {
                "config": {
                    "compressThreshold": 1000,
                    "displayMode": "chat",
                    "enableHistoryCount": True,
                    "historyCount": 1,
                    "inputTemplate": "",
                    "model": "gpt-3.5-turbo",
                    "params": {"temperature": 0.6},
                    "plugins": [{"enabled": True, "identifier": "search-engine"}],
                    "systemRole": "Answer in verse.",
                },
                "createAt": 1_690_000_000_000,
                "id": "s1",
                "meta": {"title": "Versifier"},
                "type": "agent",
            }
        }
    },
    "version": 1,
}

LOBE_SETTINGS: dict[str, Any] = {
    "exportType": "settings",
    "state": {"settings": {"defaultAgent": {"config": _LOBE_CONFIG, "meta": _LOBE_META}, "language": "en-US"}},
    "version": 7,
}

LOBE_DATABASE: dict[str, Any] = {
    "data": {
        "agents": [
            {
                "avatar": "data:image/png;base64," + base64.b64encode(png(40, 40)).decode(),
                "chat_config": {"searchMode": "off"},
                "client_id": None,
                "created_at": "2025-01-01",
                "description": "Rhymes on anything",
                "id": "a1",
                "model": "gpt-4o-mini",
                "opening_questions": [],
                "params": {},
                "plugins": ["lobe-web-browsing"],
                "slug": "abc",
                "system_role": "Answer in verse.",
                "tags": ["writing"],
                "title": "Versifier",
            }
        ],
        "messages": [{"id": "m1"}],
    },
    "mode": "pglite",
    "schemaHash": "0f1e",
}

LOBE_MARKET: dict[str, Any] = {
    "author": "somebody",
    "config": _LOBE_CONFIG,
    "createdAt": "2024-02-02",
    "examples": [{"content": "Sea", "role": "user"}],
    "homepage": "https://example.org",
    "identifier": "versifier",
    "knowledgeCount": 1,
    "meta": {**_LOBE_META, "category": "copywriting"},
    "pluginCount": 2,
    "schemaVersion": 1,
    "summary": "It rhymes.",
    "tokenUsage": 20,
}

SHAPES: dict[str, Any] = {
    "dify chat before 0.1": DIFY_CHAT_OLD,
    "dify first agents": DIFY_FIRST_AGENT,
    "dify completion": DIFY_COMPLETION,
    "dify own prompt": DIFY_ADVANCED_CHAT,
    "dify workflow": DIFY_WORKFLOW,
    "dify agent node": DIFY_AGENT_NODE,
    "webui today": WEBUI_NEW,
    "webui listed": WEBUI_LISTED,
    "gpt of requests": GPT_REQUEST,
    "gpt by hand": GPT_BY_HAND,
    "assistant": ASSISTANT,
    "librechat agent": LIBRECHAT_AGENT,
    "librechat preset": LIBRECHAT_PRESET_FULL,
    "librechat conversation": LIBRECHAT_CONVERSATION,
    "lobe sessions": LOBE_SESSIONS,
    "lobe first": LOBE_FIRST,
    "lobe settings": LOBE_SETTINGS,
    "lobe database": LOBE_DATABASE,
    "lobe market": LOBE_MARKET,
}
