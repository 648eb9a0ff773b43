// Taking it along: exports with what to do with them, the project as a zip, and how long the browser keeps it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ExportFormat, type Numbers, snippetOf } from "pudnet";
import { countPictures } from "../model/changes.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";

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

/** Of formats that there are no lines of a program for. */
const USES: Readonly<Partial<Record<ExportFormat, (name: string) => string>>> = {
  html: TEXTS.useHtml,
  safetensors: TEXTS.useSafetensors,
};

export function LeavingPanel({ session }: Props) {
  const { leaving, learning } = session;
  const chosen = useSignal(0);
  const isIdle = leaving.isIdle.value;
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
            void leaving.export({ format, numbers });
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
  const exported = session.leaving.exported.value;
  if (!exported) return null;
  const { format, name, files, memory, notes } = exported;
  const code = snippetOf(format, name)?.code;
  return (
    <div class="exported">
      <ul>
        {files.map((file) => (
          <li key={file.name}>{TEXTS.file(file.name, file.bytes.length)}</li>
        ))}
        {memory && <li>{TEXTS.memory(memory.flash, memory.ram)}</li>}
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <h3>{TEXTS.snippet}</h3>
      {code === undefined ? <p>{USES[format]?.(name)}</p> : <Code key={code} code={code} />}
    </div>
  );
}

function Code({ code }: { readonly code: string }) {
  const isCopied = useSignal(false);
  const copy = (): void =>
    void navigator.clipboard.writeText(code).then(
      () => (isCopied.value = true),
      () => {}, // it can be marked and copied
    );
  return (
    <>
      <pre tabIndex={0}>{code}</pre>
      <button type="button" class="quiet" onClick={copy}>
        {isCopied.value ? TEXTS.copied : TEXTS.copy}
      </button>
    </>
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
      <button type="button" disabled={count === 0} aria-disabled={!isIdle} onClick={() => void leaving.saveZip()}>
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
