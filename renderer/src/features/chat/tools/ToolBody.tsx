// The inside of a tool card: what went in, what came out, in the form that fits the tool.
import { useLayoutEffect, useRef } from 'react';
import { t } from '../../../i18n/t.js';
import { DiffView } from '../../../ui/DiffView.js';
import { visibleText } from '../../approvals/approval-words.js';
import type { LaterEnd, ToolStep } from '../rows.js';
import { LiveOutputOffer } from './LiveOutputOffer.js';
import { LongText } from './LongText.js';
import {
  askedPermission,
  type CommandFacts,
  commandFacts,
  diffsOf,
  type FileDiff,
  plainTerminal,
  refusalReason,
  withoutMarkers,
} from './tool-details.js';

function FileChange({ diff }: { diff: FileDiff }) {
  const path = visibleText(diff.path);
  const label = t('tool.diffOf', { path });
  return (
    <div>
      <p className="flex h-7 items-center gap-2 text-12 text-muted">
        <span className="min-w-0 truncate font-mono">{path}</span>
        <span className="shrink-0 tabular-nums">{t('tool.changed', { added: diff.added, removed: diff.removed })}</span>
      </p>
      <DiffView label={label} lines={diff.lines} className="max-h-[50vh]" />
      {diff.isCut && <p className="mt-1 text-12 text-muted">{t('tool.diffCut')}</p>}
    </div>
  );
}

/** What a running command has printed so far; it stays at its end unless the person scrolls up. */
function LiveOutput({ text }: { text: string }) {
  const ref = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (ref.current && isAtEnd.current) ref.current.scrollTop = ref.current.scrollHeight;
  }, [text]);
  return (
    <pre
      ref={ref}
      tabIndex={0}
      aria-label={t('tool.outputSoFar')}
      className="code max-h-60 overflow-y-auto px-3 pb-2"
      onScroll={({ currentTarget: box }) => {
        isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 16;
      }}
    >
      {text}
    </pre>
  );
}

function Prompt({ facts }: { facts: CommandFacts }) {
  return (
    <>
      {facts.cwd && <p className="truncate px-3 pt-2 font-mono text-11 text-muted">{facts.cwd}</p>}
      <pre className="code px-3 py-1.5 text-text">
        <span aria-hidden="true" className="text-muted select-none">
          ${' '}
        </span>
        {visibleText(facts.command)}
      </pre>
    </>
  );
}

/** Of a command that ran after its call had answered only the end is told, in one line. */
function LaterOutput({ facts, later }: { facts: CommandFacts; later: LaterEnd }) {
  const head = <Prompt facts={facts} />;
  if (later.output)
    return <LongText isTail label={t('tool.outputEnd')} text={plainTerminal(later.output)} head={head} />;
  return (
    <div className="rounded-md bg-sunken">
      {head}
      {later.kind === 'denied' && later.why && <p className="px-3 pb-2 text-12 text-muted">{later.why}</p>}
    </div>
  );
}

interface TerminalProps {
  tool: ToolStep;
  facts: CommandFacts;
  sessionKey: string;
}

function Terminal({ tool, facts, sessionKey }: TerminalProps) {
  if (tool.state === 'running') {
    return (
      <div className="rounded-md bg-sunken">
        <Prompt facts={facts} />
        {tool.partial ? (
          <LiveOutput text={plainTerminal(tool.partial)} />
        ) : (
          <LiveOutputOffer sessionKey={sessionKey} className="px-3 pb-2" />
        )}
      </div>
    );
  }
  if (tool.later) return <LaterOutput facts={facts} later={tool.later} />;
  // What a command answers that waits or was refused is meant for the model; people read it above.
  if (tool.result === undefined || askedPermission(tool) || refusalReason(tool) !== undefined)
    return (
      <div className="rounded-md bg-sunken">
        <Prompt facts={facts} />
      </div>
    );
  return (
    <LongText
      isTail
      label={t('message.tool.output')}
      text={plainTerminal(tool.result)}
      head={<Prompt facts={facts} />}
    />
  );
}

function Pictures({ tool }: { tool: ToolStep }) {
  return (
    <div className="flex flex-wrap gap-2">
      {tool.images?.map((image, index) => (
        <img
          key={index}
          src={`data:${image.mimeType};base64,${image.data}`}
          alt={t('tool.picture', { name: tool.name })}
          className="max-h-80 max-w-full rounded-md ring-1 ring-line"
        />
      ))}
    </div>
  );
}

/** Arguments as a person reads them: one text as it is, anything else as JSON. */
function inputText(args: Record<string, unknown> = {}): string {
  const [only, ...others] = Object.values(args);
  return visibleText(typeof only === 'string' && others.length === 0 ? only : JSON.stringify(args, null, 2));
}

/** A page, a mail, a file of others: said where it begins, instead of in the marks that are meant for the model. */
function Output({ text }: { text: string }) {
  const { text: shown, isFromOutside } = withoutMarkers(text);
  return <LongText label={t(isFromOutside ? 'tool.outputFromOutside' : 'message.tool.output')} text={shown} />;
}

export function ToolBody({ tool, sessionKey }: { tool: ToolStep; sessionKey: string }) {
  const facts = commandFacts(tool);
  const diffs = diffsOf(tool);
  const hasResult = tool.result !== undefined && refusalReason(tool) === undefined;
  return (
    <div className="mt-0.5 mr-2 mb-2 ml-7 space-y-2">
      {facts ? <Terminal tool={tool} facts={facts} sessionKey={sessionKey} /> : null}
      {!facts && diffs.length === 0 && <LongText label={t('message.tool.input')} text={inputText(tool.args)} />}
      {diffs.map((diff) => (
        <FileChange key={diff.path} diff={diff} />
      ))}
      {!facts && tool.state === 'running' && tool.partial && <LiveOutput text={tool.partial} />}
      {!facts && hasResult && (diffs.length === 0 || tool.state === 'failed') && <Output text={tool.result ?? ''} />}
      {tool.images && <Pictures tool={tool} />}
    </div>
  );
}
