/** Files that are dragged from elsewhere and let go over a part of the page. */

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;

/**
 * Lets files be dropped anywhere in `area`, which is marked with `data-dropping` while they are over it.
 * @param {HTMLElement} area
 * @param {(files: File[], folders: string[]) => void} onDrop with the names of folders, which are no files
 */
export function acceptDrops(area, onDrop) {
  let depth = 0; // dragenter and dragleave come for every child on the way
  const mark = (entered) => {
    depth = entered === 0 ? 0 : Math.max(0, depth + entered);
    area.toggleAttribute("data-dropping", depth > 0);
  };
  area.addEventListener("dragenter", (event) => carriesFiles(event) && mark(1));
  area.addEventListener("dragleave", (event) => carriesFiles(event) && mark(-1));
  area.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
  });
  area.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    mark(0);
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === "file");
    const folders = items.flatMap((item) => (item.webkitGetAsEntry?.()?.isDirectory ? [item.getAsFile()?.name ?? ""] : []));
    onDrop([...event.dataTransfer.files].filter(({ name }) => !folders.includes(name)), folders);
  });
}

/** Beside the parts that accept them, files are refused; the browser would leave the page for what is dropped. */
export function refuseOtherDrops() {
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
  addEventListener("drop", (event) => carriesFiles(event) && event.preventDefault());
}
