// What an agent did, one line per step, opening to input and output.
import { ChevronRight, Wrench } from 'lucide-react';
import { useState } from 'react';
import { t, tCount } from '../../../i18n/t.js';
import { Spinner } from '../../../ui/StatusMark.js';
import { formatSpan } from '../../../ui/format-time.js';
import type { ToolStep } from '../rows.js';

/** The argument that says most about a call: a path, a command, a query. */
export function toolTarget(args: Record<string, unknown> | undefined): string {
  if (!args) return '';
  for (const name of ['command', 'path', 'file', 'url', 'query', 'message']) {
    const value = args[name];
    if (typeof value === 'string') return value.split('\n')[0] ?? '';
  }
  const first = Object.values(args).find((value) => typeof value === 'string');
  return typeof first === 'string' ? (first.split('\n')[0] ?? '') : '';
}

function Step({ tool }: { tool: ToolStep }) {
  const [isOpen, setOpen] = useState(false);
  const duration = tool.startedAtMs && tool.endedAtMs ? formatSpan(tool.endedAtMs - tool.startedAtMs) : '';
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-left text-muted hover:bg-hover hover:text-text"
      >
        <ChevronRight aria-hidden="true" className={isOpen ? 'size-3.5 rotate-90' : 'size-3.5'} />
        <Wrench aria-hidden="true" className="size-3.5" />
        <span className="font-medium text-text">{tool.name}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-12">{toolTarget(tool.args)}</span>
        {tool.state === 'running' && <Spinner label={t('message.tool.running')} />}
        {tool.state === 'failed' && <span className="text-12 text-error">{t('message.tool.failed')}</span>}
        <span className="text-12 tabular-nums">{duration}</span>
      </button>
      {isOpen && (
        <div className="mt-1 mb-2 ml-6 space-y-2">
          <p className="text-12 text-muted">{t('message.tool.input')}</p>
          <pre className="code max-h-60 overflow-y-auto rounded-md bg-sunken p-2">
            {JSON.stringify(tool.args ?? {}, null, 2)}
          </pre>
          {tool.result !== undefined && (
            <>
              <p className="text-12 text-muted">{t('message.tool.output')}</p>
              <pre className="code max-h-60 overflow-y-auto rounded-md bg-sunken p-2">{tool.result}</pre>
            </>
          )}
        </div>
      )}
    </li>
  );
}

const FOLD_FROM = 4;

/** Steps in a row; many of them fold into one line. */
export function ToolSteps({ tools }: { tools: readonly ToolStep[] }) {
  const [isOpen, setOpen] = useState(false);
  const isFolded = tools.length >= FOLD_FROM && !isOpen && tools.every((tool) => tool.state !== 'running');
  if (isFolded) {
    return (
      <button
        type="button"
        aria-expanded={false}
        onClick={() => setOpen(true)}
        className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-muted hover:bg-hover hover:text-text"
      >
        <ChevronRight aria-hidden="true" className="size-3.5" />
        {tCount('message.tools', tools.length)}
      </button>
    );
  }
  return (
    <ul className="-mx-2">
      {tools.map((tool) => (
        <Step key={tool.id} tool={tool} />
      ))}
    </ul>
  );
}
