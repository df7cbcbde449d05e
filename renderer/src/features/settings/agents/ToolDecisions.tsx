// Every tool of an agent with what decides about it, and a way to decide otherwise.
import { Link } from '@tanstack/react-router';
import { Ban, Check } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { callNamed, type NamedResult } from '../../../data/named-calls.js';
import { t, tCount, tMaybe } from '../../../i18n/t.js';
import { Button } from '../../../ui/Button.js';
import { CommitField } from '../../../ui/Field.js';
import { Skeleton, useDelayed } from '../../../ui/Skeleton.js';
import { SaveMark, SettingRow, useConfigSetting } from '../SettingRow.js';
import { CallProblem } from '../SettingsPage.js';
import { toolName } from '../../chat/tools/tool-words.js';
import { agentPath, asNames, decideTool, type Obstacle, obstacleOf, orNone, readNames } from './agent-settings.js';

export type Explained = NamedResult<'desktop.tools.explain'>;
type ExplainedTool = Explained['tools'][number];

const TAKEN_ON_MS = [700, 2_500];

/** What the gateway decides with the config in force; asked again after each change of it. */
export function useExplained(agentId: string) {
  const { gateway, config, connection } = useServices();
  const hash = useStore(config.store, (state) => state.snapshot?.hash);
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  const [answer, setAnswer] = useState<{ agentId: string; explained?: Explained; error?: unknown }>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!isReady) return;
    let isOver = false;
    const ask = () =>
      void callNamed(gateway, 'desktop.tools.explain', { agentId }).then(
        (explained) => !isOver && setAnswer({ agentId, explained }),
        (error: unknown) => !isOver && setAnswer({ agentId, error }),
      );
    ask();
    // A saved config counts a moment later, when the gateway has taken it on; it does not say when.
    const timers = TAKEN_ON_MS.map((ms) => setTimeout(ask, ms));
    return () => {
      isOver = true;
      timers.forEach(clearTimeout);
    };
  }, [gateway, agentId, hash, isReady, attempt]);
  const own = answer?.agentId === agentId ? answer : undefined;
  return { explained: own?.explained, error: own?.error, retry: () => setAttempt((count) => count + 1) };
}

function NameList({ agentId, list }: { agentId: string; list: 'allow' | 'alsoAllow' | 'deny' }) {
  const path = agentPath(agentId, 'tools', list);
  const { value, set } = useConfigSetting(path);
  return (
    <label className="block">
      <span className="flex items-center gap-2">
        {t(`settings.agents.${list}`)}
        <SaveMark path={path} />
      </span>
      <CommitField
        className="mt-1 w-full font-mono text-12"
        placeholder={t(`settings.agents.${list}.none`)}
        value={asNames(value).join(', ')}
        onCommit={(text) => set(orNone(readNames(text)))}
      />
    </label>
  );
}

/** A button that would change nothing is none: who decides instead is said in its place. */
function Change({ tool, obstacle, onDecide }: ToolLineProps) {
  if (!tool.isAllowed && obstacle === 'ownGroup')
    return <span className="text-12 text-muted">{t('settings.agents.decidedByGroup')}</span>;
  if (!tool.isAllowed && obstacle === 'elsewhere') {
    return (
      <Link
        to="/settings/advanced"
        className="rounded-sm text-12 text-muted underline underline-offset-2 hover:text-text"
      >
        {t('settings.agents.decidedElsewhere')}
      </Link>
    );
  }
  return (
    <Button
      small
      aria-label={t(tool.isAllowed ? 'settings.agents.refuseNamed' : 'settings.agents.allowNamed', { tool: tool.name })}
      onClick={() => onDecide(!tool.isAllowed)}
    >
      {t(tool.isAllowed ? 'settings.agents.refuse' : 'settings.agents.allowTool')}
    </Button>
  );
}

interface ToolLineProps {
  tool: ExplainedTool;
  obstacle: Obstacle;
  onDecide(isAllowed: boolean): void;
}

function ToolLine({ tool, obstacle, onDecide }: ToolLineProps) {
  const Icon = tool.isAllowed ? Check : Ban;
  return (
    <tr className="border-t border-line align-top" data-testid="tool-decision" data-tool={tool.name}>
      <th scope="row" className="py-2 pr-3 text-left font-normal max-sm:w-28">
        <span className="block font-medium">{toolName(tool.name)}</span>
        <span className="block font-mono text-12 text-muted max-sm:wrap-anywhere">{tool.name}</span>
      </th>
      <td className="py-2 pr-3">
        <p className="flex items-center gap-1.5">
          <Icon
            aria-hidden="true"
            className={tool.isAllowed ? 'size-3.5 shrink-0 text-success' : 'size-3.5 shrink-0 text-muted'}
          />
          {t(tool.isAllowed ? 'settings.agents.allowed' : 'settings.agents.refused')}
        </p>
        <p className="text-12 text-muted wrap-anywhere">{tool.reason}</p>
      </td>
      <td className="max-w-44 py-1.5 text-right max-sm:max-w-24">
        <Change tool={tool} obstacle={obstacle} onDecide={onDecide} />
      </td>
    </tr>
  );
}

function useDecide(agentId: string) {
  const { config, announcer } = useServices();
  const paths = { deny: agentPath(agentId, 'tools', 'deny'), alsoAllow: agentPath(agentId, 'tools', 'alsoAllow') };
  return (tool: string, isAllowed: boolean) => {
    const lists = { deny: asNames(config.read(paths.deny)), alsoAllow: asNames(config.read(paths.alsoAllow)) };
    const { deny = lists.deny, alsoAllow = lists.alsoAllow } = decideTool(lists, tool, isAllowed);
    const changes = [
      { path: paths.deny, value: orNone(deny) },
      { path: paths.alsoAllow, value: orNone(alsoAllow) },
    ];
    // A failed save is shown by the marks of the lists.
    void config.change(changes).then(
      () => announcer.polite(t('settings.saved')),
      () => undefined,
    );
  };
}

function Table({ agentId, explained }: { agentId: string; explained: Explained }) {
  const decide = useDecide(agentId);
  const deny = asNames(useConfigSetting(agentPath(agentId, 'tools', 'deny')).value);
  const groups = [...new Set(explained.tools.map((tool) => tool.group))];
  const count = explained.tools.filter((tool) => tool.isAllowed).length;
  if (explained.tools.length === 0) return <p className="mt-3 text-muted">{t('settings.agents.noTools')}</p>;
  return (
    <>
      <p className="mt-4 text-muted">{tCount('settings.agents.count', count, { all: explained.tools.length })}</p>
      <table className="mt-2 w-full">
        <caption className="sr-only">{t('settings.agents.tools')}</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">{t('settings.agents.column.tool')}</th>
            <th scope="col">{t('settings.agents.column.decision')}</th>
            <th scope="col">{t('settings.agents.column.change')}</th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group}>
            <tr>
              <th scope="rowgroup" colSpan={3} className="pt-4 pb-1 text-left text-12 font-medium text-muted">
                {tMaybe(`tool.group.${group}`) ?? group}
              </th>
            </tr>
            {explained.tools
              .filter((tool) => tool.group === group)
              .map((tool) => (
                <ToolLine
                  key={tool.name}
                  tool={tool}
                  obstacle={obstacleOf(tool, agentId, deny)}
                  onDecide={(isAllowed) => decide(tool.name, isAllowed)}
                />
              ))}
          </tbody>
        ))}
      </table>
    </>
  );
}

function Waiting() {
  const isShown = useDelayed(true, 150);
  return isShown ? <Skeleton className="mt-3 h-24" /> : null;
}

interface ToolDecisionsProps {
  agentId: string;
  explained: Explained | undefined;
  error: unknown;
  onRetry(): void;
}

export function ToolDecisions({ agentId, explained, error, onRetry }: ToolDecisionsProps) {
  return (
    <SettingRow id="agent-tools">
      <div className="mt-3 space-y-3">
        <NameList agentId={agentId} list="allow" />
        <NameList agentId={agentId} list="alsoAllow" />
        <NameList agentId={agentId} list="deny" />
        <p className="text-12 text-muted">{t('settings.agents.lists.about')}</p>
      </div>
      {explained && <Table agentId={agentId} explained={explained} />}
      {!explained && error === undefined && <Waiting />}
      {!explained && error !== undefined && (
        <CallProblem error={error} missing={t('settings.agents.explainMissing')} onRetry={onRetry} />
      )}
    </SettingRow>
  );
}
