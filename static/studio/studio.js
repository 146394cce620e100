// The studio page: puts its parts together once, and hands Gradio's handlers what they call (`window.AF`).

import { refuseOtherDrops } from "../chat/drops.js";
import { Api } from "./api.js";
import { fillApis } from "./apis.js";
import { fillMcp } from "./mcp.js";
import { fillClashes } from "./clashes.js";
import { fillCreate } from "./create.js";
import { Cures } from "./cures.js";
import { fillDocument } from "./document.js";
import { fillDraft } from "./draft.js";
import { fillAvatar } from "./files.js";
import { connectForm } from "./form.js";
import { fillHistory } from "./history.js";
import { followGone } from "./gone.js";
import { fillKnowledge } from "./knowledge.js";
import { fillKnowledgeCheck } from "./knowledge_check.js";
import { fillKnowledgeSearch } from "./knowledge_search.js";
import { Known } from "./known.js";
import { fillLibrary } from "./library.js";
import { holdLocks } from "./locks.js";
import { fillModel } from "./model_field.js";
import { fillMemory } from "./memory.js";
import { modelsPanel } from "./models.js";
import { Notices } from "./notices.js";
import { fillPreview } from "./preview.js";
import { Published } from "./published.js";
import { fillRetrieval } from "./retrieval.js";
import { followServices } from "./services.js";
import { Session } from "./session.js";
import { fillRelease, fillReleases } from "./share.js";
import { fillLinks } from "./share_links.js";
import { fillAgentKeys } from "./share_keys.js";
import { fillTargets } from "./share_targets.js";
import { followSignIn } from "./sign_in.js";
import { fillSlots, present } from "./slots.js";
import { loadStrings } from "./strings.js";
import { followOtherTabs } from "./tabs.js";
import { fillShortcuts } from "./shortcuts.js";
import { fillTools } from "./tools.js";
import { fillWarnings } from "./warnings.js";
import { fillBrand, fillLanguage, fillPanes, fillSaved, fillTheme } from "./topbar.js";

const strings = await loadStrings();
const notices = new Notices(strings);
const api = new Api((answers) => {
  notices.reachable(answers, () => api.probe());
  if (answers) session.edits.flush().catch(() => {});
});
const session = new Session(api, strings, notices);
const models = modelsPanel(session);
const cures = new Cures(session, models);
const known = new Known(session);
const published = new Published(session);
window.AF = connectForm(session);

const say = (element) => {
  const text = strings.t(element.dataset.t);
  if (element.textContent !== text) element.textContent = text;
};
session.on("language", () => document.querySelectorAll("[data-t]").forEach(say));
session.on("config", () => (document.title = session.config.name ? `${session.config.name} · AgentFabric` : "AgentFabric"));
addEventListener("pagehide", () => session.leave());
addEventListener("popstate", () => notices.attempt(() => session.follow()));
followOtherTabs(session);
followSignIn(session);
followGone(session);
refuseOtherDrops();

await notices.attempt(() => session.start());
let findAgent = () => {};
await present("#af_fill");
fillSlots(
  {
    brand: fillBrand,
    clashes: (slot) => fillClashes(slot, session),
    history: (slot) => fillHistory(slot, session),
    saved: (slot) => fillSaved(slot, session),
    library: (slot) => (findAgent = fillLibrary(slot, session, cures)),
    models: models.fill,
    shortcuts: (slot) => fillShortcuts(slot, session, () => findAgent()),
    language: (slot) => fillLanguage(slot, session),
    theme: (slot) => fillTheme(slot, session),
    panes: (slot) => fillPanes(slot, session),
    create: (slot) => fillCreate(slot, session, cures, known),
    document: (slot) => fillDocument(slot, session),
    draft: (slot) => fillDraft(slot, session),
    preview: (slot) => fillPreview(slot, session, cures),
    model: (slot) => fillModel(slot, session),
    avatar: (slot) => fillAvatar(slot, session),
    warnings: (slot) => fillWarnings(slot, session),
    tools: (slot) => fillTools(slot, session, models),
    apis: (slot) => fillApis(slot, session),
    mcp: (slot) => fillMcp(slot, session),
    memory: (slot) => fillMemory(slot, session),
    knowledge: (slot) => fillKnowledge(slot, session, known),
    knowledge_check: (slot) => fillKnowledgeCheck(slot, session, known),
    retrieval: (slot) => fillRetrieval(slot, session, known),
    knowledge_search: (slot) => fillKnowledgeSearch(slot, session, known),
    release: (slot) => fillRelease(slot, session, published),
    links: (slot) => fillLinks(slot, session, published),
    releases: (slot) => fillReleases(slot, session, published),
    agent_keys: (slot) => fillAgentKeys(slot, session, published),
    targets: (slot) => fillTargets(slot, session, published),
  },
  say,
);
holdLocks(session);
followServices(session);
session.emit("language");
document.documentElement.dataset.afReady = "";
