// What there is to choose from on this page: models, tools, the APIs of the agent that is open. Parts hear when it is another.

import { operationTitles, serverTitles } from "./on_screen.js";

export class Offers extends EventTarget {
  tools = [];
  /** The APIs of the agent, as the server tells them. */
  apis = [];
  /** Its MCP servers, likewise. */
  servers = [];
  models = { models: [], default: "", problems: [] };
  /** How many tools a model is offered at a time. */
  toolsPerTurn = Infinity;

  on(topic, listener) {
    this.addEventListener(topic, (event) => listener(event.detail ?? {}));
  }

  emit(topic, detail = {}) {
    this.dispatchEvent(new CustomEvent(topic, { detail }));
  }

  /** What people call tools, by id; operations of APIs and tools of servers, by the name that a model has for them and by their key. */
  get toolTitles() {
    return { ...serverTitles(this.servers), ...operationTitles(this.apis), ...Object.fromEntries(this.tools.map(({ id, label }) => [id, label])) };
  }

  async loadModels() {
    this.models = await this.api.get("/api/models");
    this.emit("models");
  }

  async loadTools() {
    this.tools = await this.api.get("/api/tools");
    this.emit("tools");
  }
}
