// Taking it along: exports with what to do with them, the project as a zip, and how long the browser keeps it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ExportFormat, Numbers } from "pudnet";
import { countPictures } from "../model/changes.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";
import { snippetOf } from "./snippets.ts";

interface Props {
  readonly session: Session;
}

/** Every format with its numbers, the smallest first. */
const WAYS: readonly (readonly [ExportFormat, Numbers])[] = [
  ["html", "int8"],
  ["html", "float32"],
  ["js", "int8"],
  ["js", "float32"],
  ["onnx", "int8"],
  ["onnx", "float32"],
  ["c", "int8"],
  ["safetensors", "float16"],
  ["safetensors", "float32"],
];

export function LeavingPanel({ session }: Props) {
  const { leaving, learning } = session;
  const chosen = useSignal(0);
  const isIdle = leaving.busy.value === undefined;
  return (
    <section class="panel leaving" aria-labelledby="leaving-title">
      <h2 id="leaving-title">{TEXTS.export}</h2>
      <p class="hint">{TEXTS.exportHint}</p>
      <div class="ways">
        <select
          aria-label={TEXTS.format}
          value={chosen.value}
          onChange={(event) => (chosen.value = Number(event.currentTarget.value))}
        >
          {WAYS.map(([format, numbers], i) => (
            <option key={i} value={i}>
              {TEXTS.formats[format]}, {TEXTS.numbers[numbers]}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="first"
          disabled={learning.made.value === undefined}
          aria-disabled={!isIdle} // keeps the focus
          onClick={() => {
            const [format, numbers] = WAYS[chosen.value]!;
            if (isIdle) void leaving.export({ format, numbers });
          }}
        >
          {TEXTS.download}
        </button>
      </div>
      <Exported session={session} />
      <Kept session={session} isIdle={isIdle} />
      {leaving.busy.value !== undefined && <p role="status">{leaving.busy.value}</p>}
      {leaving.problem.value !== undefined && (
        <p class="problem" role="alert">
          {leaving.problem.value}
        </p>
      )}
    </section>
  );
}

function Exported({ session }: Props) {
  const isCopied = useSignal(false);
  const exported = session.leaving.exported.value;
  useEffect(() => void (isCopied.value = false), [exported]);
  if (!exported) return null;
  const snippet = snippetOf(exported.format, exported.name);
  const copy = (): void =>
    void navigator.clipboard.writeText(snippet).then(
      () => (isCopied.value = true),
      () => {}, // it can be marked and copied
    );
  return (
    <div class="exported">
      <ul>
        {exported.files.map(({ name, bytes }) => (
          <li key={name}>{TEXTS.file(name, bytes.length)}</li>
        ))}
        {exported.memory && <li>{TEXTS.memory(exported.memory.flash, exported.memory.ram)}</li>}
        {exported.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <h3>{TEXTS.snippet}</h3>
      <pre tabIndex={0}>{snippet}</pre>
      <button type="button" class="quiet" onClick={copy}>
        {isCopied.value ? TEXTS.copied : TEXTS.copy}
      </button>
    </div>
  );
}

function Kept({ session, isIdle }: Props & { readonly isIdle: boolean }) {
  const { leaving, store } = session;
  const isPersistent = useSignal<boolean | undefined>(undefined);
  useEffect(() => void store.persistent().then((found) => (isPersistent.value = found)), []);
  const count = countPictures(session.project.value);
  const since = leaving.sinceZip.value;
  return (
    <div class="kept">
      <button
        type="button"
        disabled={count === 0}
        aria-disabled={!isIdle}
        onClick={() => isIdle && void leaving.saveZip()}
      >
        {TEXTS.saveZip}
      </button>
      {count > 0 && !since?.isSame && (
        <p class="hint">{since ? TEXTS.zippedSince(since.came) : TEXTS.neverZipped(count)}</p>
      )}
      <p class="hint">
        {TEXTS.keptHere} {isPersistent.value ? TEXTS.keptLonger : TEXTS.notKeptLonger}
      </p>
      {isPersistent.value === false && (
        <button
          type="button"
          class="quiet"
          onClick={() => void store.persistent("ask").then((found) => (isPersistent.value = found))}
        >
          {TEXTS.keepLonger}
        </button>
      )}
    </div>
  );
}
