/** Staying at the end of what grows, unless the reader went up to read. */

const NEAR_PX = 32;

/**
 * Keeps `scroller` at the end of `content`. `button` is shown while the reader is elsewhere, and leads back.
 * @returns {{toEnd: () => void, leave: () => void, destroy: () => void}} `leave`: the reader is led elsewhere
 */
export function followEnd(scroller, content, button) {
  let following = true;
  let lastTop = 0;
  const toEnd = () => {
    following = true;
    scroller.scrollTop = scroller.scrollHeight;
  };
  const leave = () => (following = false);
  const away = () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
  const show = () => (button.hidden = following || away() <= NEAR_PX);
  const onScroll = () => {
    if (away() <= NEAR_PX) following = true;
    else if (scroller.scrollTop < lastTop) following = false;
    lastTop = scroller.scrollTop;
    show();
  };
  const onSummary = (event) => {
    if (event.target.closest("summary")) following = false; // what was just opened must not run away
  };
  const observer = new ResizeObserver(() => {
    if (following) scroller.scrollTop = scroller.scrollHeight;
    show();
  });
  observer.observe(content);
  observer.observe(scroller);
  scroller.addEventListener("scroll", onScroll, { passive: true });
  scroller.addEventListener("click", onSummary);
  button.addEventListener("click", toEnd);
  return { toEnd, leave, destroy: () => observer.disconnect() };
}
