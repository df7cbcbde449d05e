// A chat in which nothing was said yet.
import { CornerDownRight } from 'lucide-react';
import { t, type TextKey } from '../../i18n/t.js';

const SUGGESTIONS: readonly TextKey[] = ['welcome.suggest.model', 'welcome.suggest.what', 'welcome.suggest.files'];

interface WelcomeProps {
  agent: { name: string; emoji: string };
  /** The built-in assistant answers, because no model is connected. */
  isOffline: boolean;
  onAsk(text: string): void;
}

export function Welcome({ agent, isOffline, onAsk }: WelcomeProps) {
  return (
    <div className="fade-in flex min-h-0 flex-1 overflow-y-auto px-5">
      <div className="m-auto w-full max-w-[520px] py-8">
        {agent.emoji && (
          <p aria-hidden="true" className="mb-3 text-24">
            {agent.emoji}
          </p>
        )}
        <h1 className="text-18 font-semibold">{t('welcome.title', { agent: agent.name })}</h1>
        <p className="mt-1 text-muted">{t('welcome.lead')}</p>
        <ul className="mt-4 -mx-2.5">
          {SUGGESTIONS.map((key) => (
            <li key={key}>
              <button
                type="button"
                onClick={() => onAsk(t(key))}
                className="flex h-10 w-full items-center gap-2.5 rounded-md px-2.5 text-left text-[14px] hover:bg-hover"
              >
                <CornerDownRight aria-hidden="true" className="size-4 shrink-0 text-accent" />
                {t(key)}
              </button>
            </li>
          ))}
        </ul>
        {isOffline && (
          <p className="mt-6 border-t border-line pt-4 text-12 text-muted">
            {t('welcome.offline')} {t('welcome.offlineHint')}
          </p>
        )}
      </div>
    </div>
  );
}
