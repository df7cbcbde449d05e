// For browsers: how to get in.
import { type FormEvent, useState } from 'react';
import { useStore } from 'zustand';
import { fineCode, wantsPassword } from '../data/explain-error.js';
import { credentialsFromPaste } from '../data/sign-in.js';
import { t } from '../i18n/t.js';
import { Button } from '../ui/Button.js';
import { CopyButton } from '../ui/ErrorPanel.js';
import { useServices } from './services-context.js';

export function SignInPage() {
  const { connection, signIn } = useServices();
  const error = useStore(connection.store, (state) => state.socket.error);
  const isBusy = useStore(connection.store, (state) => state.socket.phase === 'connecting');
  const [value, setValue] = useState('');
  const [isUnclear, setUnclear] = useState(false);
  const byPassword = wantsPassword(error);
  const isRejected = error !== undefined && fineCode(error).endsWith('_MISMATCH');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const credentials = byPassword && value !== '' ? { password: value } : credentialsFromPaste(value);
    setUnclear(credentials === undefined);
    if (credentials) signIn(credentials);
  };
  const problem = isUnclear ? t('signIn.notUnderstood') : isRejected && !isBusy ? t('signIn.rejected') : '';
  return (
    <main className="flex h-full overflow-y-auto p-6">
      <div className="m-auto w-full max-w-[420px]">
        <h1 className="text-18 font-semibold">{t('signIn.title')}</h1>
        <p className="mt-2 text-muted">{t(byPassword ? 'signIn.leadPassword' : 'signIn.lead')}</p>
        {!byPassword && (
          <>
            <div className="mt-3 flex items-center gap-2 rounded-md bg-sunken p-1.5 pl-3">
              <code className="flex-1 font-mono">{t('signIn.command')}</code>
              <CopyButton small text={t('signIn.command')} name={t('action.copy')} />
            </div>
            <p className="mt-3 text-muted">{t('signIn.after')}</p>
          </>
        )}
        <form className="mt-4" onSubmit={submit}>
          <label htmlFor="sign-in" className="font-medium">
            {t(byPassword ? 'signIn.fieldPassword' : 'signIn.field')}
          </label>
          <div className="mt-1.5 flex gap-2">
            <input
              id="sign-in"
              type="password"
              autoComplete="off"
              autoFocus
              value={value}
              aria-invalid={problem !== ''}
              aria-describedby="sign-in-problem"
              className="h-8 min-w-0 flex-1 rounded-md bg-raised px-2.5 ring-1 ring-control ring-inset"
              onChange={(event) => setValue(event.target.value)}
            />
            <Button tone="primary" type="submit" disabled={isBusy || value === ''}>
              {t('signIn.submit')}
            </Button>
          </div>
          <p id="sign-in-problem" role="alert" className="mt-2 text-error">
            {problem}
          </p>
          <p className="mt-1 text-12 text-muted">{t('signIn.keeps')}</p>
        </form>
      </div>
    </main>
  );
}
