// The whole page: the classes on one side, what the classifier says and how it leaves on the other.

import { useEffect } from "preact/hooks";
import { printable } from "pudnet";
import { EMPTY } from "../model/changes.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";
import { AskingPanel } from "./asking.tsx";
import { ClassCard } from "./class-card.tsx";
import { Curious } from "./curious.tsx";
import { filesOfPaste, placedOfInput, takeDrop } from "./dropped.ts";
import { keepFocus } from "./keep-focus.ts";
import { LearnedLine } from "./learned.tsx";
import { LeavingPanel } from "./leaving.tsx";

interface Props {
  readonly session: Session;
}

export function Page({ session }: Props) {
  useEffect(() => keepFocus(document.body), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement && event.target.type === "text";
      if (isTyping || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      if (event.shiftKey) session.redo();
      else session.undo();
    };
    const onOver = (event: DragEvent): void => event.preventDefault();
    const onDrop = (event: DragEvent): void =>
      void takeDrop(session, event, (placed) => void session.intake.addFolders(placed));
    /** Cards take what is pasted into them; all else is asked about, or begins a class. */
    const onPaste = (event: ClipboardEvent): void => {
      const files = filesOfPaste(event);
      if (event.defaultPrevented || files.length === 0) return;
      if (session.learning.made.peek()) void session.asking.ask(files[0]!);
      else void session.intake.addFolders(files.map((file) => ({ path: [file.name], file })));
    };
    document.addEventListener("paste", onPaste);
    document.addEventListener("keydown", onKey);
    document.addEventListener("dragover", onOver);
    document.addEventListener("drop", onDrop);
    return () => {
      document.removeEventListener("paste", onPaste);
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("dragover", onOver);
      document.removeEventListener("drop", onDrop);
    };
  }, [session]);
  return (
    <>
      <header>
        <img src="icon.svg" alt="" width="36" height="36" />
        <h1>{TEXTS.title}</h1>
        <p>{TEXTS.subtitle}</p>
      </header>
      <Banners session={session} />
      <main>
        <div class="classes">
          <Bar session={session} />
          <Classes session={session} />
        </div>
        <div class="side">
          <LearnedLine session={session} />
          <AskingPanel session={session} />
          <LeavingPanel session={session} />
        </div>
        <Curious session={session} />
      </main>
    </>
  );
}

function Banners({ session }: Props) {
  const trouble = session.trouble.value;
  return (
    <div class="banners" role="status">
      {trouble && (
        <p class="problem">
          {TEXTS.troubles[trouble]}{" "}
          <button
            type="button"
            aria-disabled={!session.leaving.isIdle.value}
            onClick={() => void session.leaving.saveZip()}
          >
            {TEXTS.saveZip}
          </button>
        </p>
      )}
      {session.notices.value.map(({ id, text }) => (
        <p key={id} class="problem">
          {printable(text)}{" "}
          <button type="button" class="quiet" onClick={() => session.putAway(id)}>
            {TEXTS.dismiss}
          </button>
        </p>
      ))}
    </div>
  );
}

function Bar({ session }: Props) {
  const { name, classes } = session.project.value;
  return (
    <div class="bar">
      <input
        class="project-name"
        value={printable(name)}
        maxLength={100}
        aria-label={TEXTS.projectName}
        onChange={(event) => {
          const typed = event.currentTarget.value.trim();
          if (typed !== "") session.change((project) => ({ ...project, name: typed }));
          else event.currentTarget.value = name;
        }}
      />
      <button type="button" class="quiet" disabled={!session.canUndo.value} onClick={() => session.undo()}>
        {TEXTS.undo}
      </button>
      <button type="button" class="quiet" disabled={!session.canRedo.value} onClick={() => session.redo()}>
        {TEXTS.redo}
      </button>
      <button type="button" class="quiet" disabled={classes.length === 0} onClick={() => session.change(() => EMPTY)}>
        {TEXTS.afresh}
      </button>
    </div>
  );
}

function Classes({ session }: Props) {
  const { classes } = session.project.value;
  const isEmpty = classes.length === 0;
  return (
    <>
      {isEmpty && session.isOpen.value && (
        <div class="begin">
          <p>{TEXTS.begin}</p>
          <p class="hint">{TEXTS.beginHint}</p>
          <button
            type="button"
            class="first"
            aria-disabled={!session.leaving.isIdle.value}
            onClick={() => void session.leaving.openSample()}
          >
            {TEXTS.openSample}
          </button>
        </div>
      )}
      <ul class="cards">
        {classes.map((card) => (
          <ClassCard key={card.id} session={session} card={card} />
        ))}
      </ul>
      <div class="ways">
        <button type="button" onClick={() => session.intake.classFor()}>
          {TEXTS.addClass}
        </button>
        <label class="button">
          {TEXTS.addFolders}
          <input
            type="file"
            class="unseen"
            ref={(input) => void (input && (input.webkitdirectory = true))}
            multiple
            onChange={(event) => void session.intake.addFolders(placedOfInput(event.currentTarget))}
          />
        </label>
        <label class="button">
          {TEXTS.openZip}
          <input
            type="file"
            class="unseen"
            accept=".zip,application/zip"
            onChange={(event) => {
              const [placed] = placedOfInput(event.currentTarget);
              if (placed) void session.leaving.openZip(placed.file, placed.file.name);
            }}
          />
        </label>
      </div>
      {!isEmpty && <p class="hint">{TEXTS.dropFolders}</p>}
    </>
  );
}
