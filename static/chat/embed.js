/* A shared agent on your page: a bubble that opens it in a panel. `<script src="…/a/<link>/embed.js" async></script>` */

(() => {
  const here = document.currentScript.src;
  const origin = encodeURIComponent(location.origin);
  const zh = /^zh/i.test(document.documentElement.lang || navigator.language);
  const host = document.createElement("div");
  host.style.cssText = "all:initial";
  const shadow = host.attachShadow({ mode: "closed" });
  const style = document.createElement("style");
  style.textContent = `
    button, iframe { position: fixed; right: max(20px, env(safe-area-inset-right)); z-index: 2147483000; border: 0;
      box-shadow: 0 8px 30px rgb(0 0 0 / 24%) }
    button { bottom: max(20px, env(safe-area-inset-bottom)); width: 56px; height: 56px; padding: 0; border-radius: 50%;
      background: #4f46e5; color: #fff; cursor: pointer }
    button:focus-visible { outline: 3px solid #a5b4fc; outline-offset: 2px }
    svg { width: 26px; height: 26px; vertical-align: middle; fill: none; stroke: currentcolor; stroke-width: 1.8;
      stroke-linecap: round; stroke-linejoin: round }
    iframe { bottom: max(88px, env(safe-area-inset-bottom)); width: min(400px, calc(100vw - 40px));
      height: min(640px, calc(100dvh - 108px)); border-radius: 16px; background: Canvas; color-scheme: light dark }
    iframe[hidden] { display: none }
    @media (width < 480px) {
      iframe { inset: 0; width: 100vw; height: 100dvh; border-radius: 0 }
    }`;
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-label", zh ? "打开聊天" : "Open the chat");
  button.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 5h16v11H9l-5 4z"/></svg>';
  let frame = null;

  function show(open) {
    // Nothing is asked of the server before somebody wants the chat.
    if (!frame) {
      frame = document.createElement("iframe");
      frame.src = new URL(`embed?origin=${origin}`, here).href;
      frame.title = zh ? "聊天" : "Chat";
      frame.referrerPolicy = "origin";
      shadow.append(frame);
    }
    frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    (open ? frame : button).focus();
  }

  button.addEventListener("click", () => show(!frame || frame.hidden));
  addEventListener("message", (event) => {
    if (frame && event.source === frame.contentWindow && event.data === "af-close") show(false);
  });
  shadow.append(style, button);
  document.body.append(host);
})();
