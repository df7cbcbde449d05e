// Messages that wait for their turn: visible, editable, removable.
import { Pencil, X } from 'lucide-react';
import { useState } from 'react';
import { t, tCount } from '../../../i18n/t.js';
import { Button, IconButton } from '../../../ui/Button.js';
import type { OutboxItem } from './outbox.js';

interface QueueListProps {
  items: readonly OutboxItem[];
  isConnected: boolean;
  /** While an item is held it is not sent. */
  onHold(id: string, isHeld: boolean): void;
  onChange(id: string, text: string): void;
  onRemove(id: string): void;
}

interface EditorProps {
  text: string;
  onSave(text: string): void;
  onCancel(): void;
}

function Editor({ text, onSave, onCancel }: EditorProps) {
  const [value, setValue] = useState(text);
  return (
    <form
      className="flex min-w-0 flex-1 items-end gap-2 py-1"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(value);
      }}
    >
      <textarea
        autoFocus
        rows={1}
        value={value}
        aria-label={t('queue.edit')}
        className="grow-text min-w-0 flex-1 resize-none rounded-sm bg-surface px-2 py-1 ring-1 ring-control ring-inset"
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') onCancel();
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          onSave(value);
        }}
      />
      <Button small type="submit" aria-label={t('queue.save')}>
        {t('action.save')}
      </Button>
    </form>
  );
}

export function QueueList({ items, isConnected, onHold, onChange, onRemove }: QueueListProps) {
  const [editing, setEditing] = useState<string>();
  if (items.length === 0) return null;
  const finish = (id: string, text?: string) => {
    setEditing(undefined);
    if (text !== undefined && text.trim() !== '') onChange(id, text);
    onHold(id, false);
  };
  return (
    <section
      aria-label={tCount('queue.title', items.length)}
      className="mb-2 rounded-lg bg-sunken px-3 py-1.5 ring-1 ring-line ring-inset"
    >
      <p className="flex h-6 items-center gap-1 text-11 text-muted">
        <span className="font-medium">{tCount('queue.title', items.length)}</span>–{' '}
        {t(isConnected ? 'queue.busy' : 'queue.offline')}
      </p>
      <ol className="max-h-44 overflow-y-auto" data-testid="queue">
        {items.map((item) => (
          <li key={item.id} className="flex min-h-8 items-center gap-1">
            {editing === item.id ? (
              <Editor text={item.text} onSave={(text) => finish(item.id, text)} onCancel={() => finish(item.id)} />
            ) : (
              <>
                <span className="min-w-0 flex-1 truncate">{item.text}</span>
                <IconButton
                  name={t('queue.edit')}
                  className="size-7"
                  onClick={() => {
                    onHold(item.id, true);
                    setEditing(item.id);
                  }}
                >
                  <Pencil aria-hidden="true" className="size-3.5" />
                </IconButton>
                <IconButton name={t('queue.remove')} className="size-7" onClick={() => onRemove(item.id)}>
                  <X aria-hidden="true" className="size-3.5" />
                </IconButton>
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
