// Why a call was not allowed, and where that is decided.
import { Link } from '@tanstack/react-router';
import { t } from '../../../i18n/t.js';

export function RefusalNote({ reason, agentId }: { reason: string; agentId: string }) {
  return (
    <p className="mr-2 mb-2 ml-7 max-w-[72ch] text-12 text-muted">
      <span className="wrap-anywhere">{reason}</span>{' '}
      <Link
        to="/settings/agents"
        search={{ row: 'agent-tools', agent: agentId }}
        className="rounded-sm text-text underline underline-offset-2 hover:no-underline"
      >
        {t('tool.refusedWhere')}
      </Link>
    </p>
  );
}
