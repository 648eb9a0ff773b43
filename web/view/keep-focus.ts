// Where the focus goes when what has it is removed or disabled: to a neighbour, so that a keyboard's place on the page is not lost.

const FOCUSABLE = "button, input, select, summary, a[href], [tabindex]:not([tabindex='-1'])";

/**
 * From now on, below `root`; gives what ends it. Pointers have their own place, and nothing is done after them: a field that is given the
 * focus brings up the keyboard of a phone.
 */
export function keepFocus(root: HTMLElement): () => void {
  let last: Element | undefined;
  let isByPointer = false;
  const observer = new MutationObserver((records) => {
    const { activeElement } = document;
    if (!last || isByPointer || (activeElement && activeElement !== document.body && activeElement !== last)) return;
    const next = heirOf(last, records);
    if (next instanceof HTMLElement) next.focus();
  });
  observer.observe(root, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  const listening = new AbortController();
  const listen = <N extends keyof HTMLElementEventMap>(name: N, heard: (event: HTMLElementEventMap[N]) => void): void =>
    root.addEventListener(name, heard, { capture: true, signal: listening.signal });
  listen("focusin", ({ target }) => (last = target as Element));
  listen("pointerdown", () => (isByPointer = true));
  listen("keydown", () => (isByPointer = false));
  listen("click", ({ detail }) => detail === 0 && (isByPointer = false)); // by a key, or by what reads the screen
  return () => {
    observer.disconnect();
    listening.abort();
  };
}

/** Undefined where it was neither disabled nor removed; itself where it was put elsewhere. */
function heirOf(last: Element, records: readonly MutationRecord[]): Element | undefined {
  if (records.some(({ type, target }) => type === "attributes" && target === last)) {
    const [before, after] = around(last, [...(last.parentElement?.querySelectorAll("button") ?? [])]);
    return before ?? after;
  }
  const removal = records.find(
    ({ target, removedNodes }) => target.isConnected && [...removedNodes].some((node) => node.contains(last)),
  );
  if (!removal || canHaveFocus(last)) return removal && last;
  const siblings = [siblingOf(removal, "nextSibling", records), siblingOf(removal, "previousSibling", records)];
  const all = [...document.querySelectorAll(FOCUSABLE)];
  for (const sibling of siblings) {
    const inside = all.find((element) => sibling?.contains(element) && canHaveFocus(element));
    if (inside) return inside;
  }
  const [before, after] = around(siblings[0] ?? siblings[1] ?? removal.target, all);
  return after ?? before;
}

/** Beside what was removed; past what was removed with it. */
function siblingOf(
  removal: MutationRecord,
  side: "nextSibling" | "previousSibling",
  records: readonly MutationRecord[],
): Node | null {
  const sibling = removal[side];
  if (!sibling || sibling.isConnected) return sibling;
  const other = records.find(({ removedNodes }) => [...removedNodes].includes(sibling));
  return other ? siblingOf(other, side, records) : null;
}

/** The nearest before and after a place, of elements in the order of the document. */
function around(
  place: Node,
  elements: readonly Element[],
): readonly [before: Element | undefined, after: Element | undefined] {
  const able = elements.filter((element) => !place.contains(element) && canHaveFocus(element));
  const isBefore = (element: Element): boolean =>
    (place.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
  return [able.findLast(isBefore), able.find((element) => !isBefore(element))];
}

const canHaveFocus = (element: Element): boolean =>
  element.isConnected && !element.matches(":disabled") && element.checkVisibility();
