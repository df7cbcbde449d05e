// Offers keys while somebody types one; the schema is fetched when it is first needed.
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { callNamed, type NamedResult } from '../../../data/named-calls.js';
import { insertKey, type KeyOffer, keyPlaceAt, offerKeys, type Place } from './complete-keys.js';

export interface Completion {
  offers: readonly KeyOffer[];
  /** Index of the marked one. */
  marked: number;
  place: Place;
}

export interface Completing {
  shown?: Completion;
  /** Looks what fits at the caret. `isAsked`: also when nothing of a key has been typed. */
  look(text: string, caret: number, isAsked: boolean): void;
  move(by: 1 | -1): void;
  /** The text with the marked (or given) key in it, and where the caret goes. */
  accept(text: string, caret: number, index?: number): { text: string; caret: number } | undefined;
  close(): void;
}

/** An older gateway has no schema to offer from; then nothing is offered. */
function useSchema(): NamedResult<'config.schema'> | undefined {
  const { gateway, connection } = useServices();
  const [schema, setSchema] = useState<NamedResult<'config.schema'>>();
  const isReady = useStore(connection.store, (state) => state.socket.phase === 'ready');
  useEffect(() => {
    if (!isReady || schema) return;
    let isOver = false;
    callNamed(gateway, 'config.schema', {}).then(
      (page) => {
        if (!isOver) setSchema(page);
      },
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [gateway, isReady, schema]);
  return schema;
}

export function useCompletion(): Completing {
  const schema = useSchema();
  const [shown, setShown] = useState<Completion>();
  return {
    shown,
    look(text, caret, isAsked) {
      const place = schema && keyPlaceAt(text, caret);
      const offers = place && (isAsked || place.typed !== '') ? offerKeys(text, place, schema) : [];
      const isDone = offers.length === 1 && offers[0]?.key === place?.typed;
      setShown(place && offers.length > 0 && !isDone ? { offers, marked: 0, place } : undefined);
    },
    move(by) {
      if (!shown) return;
      const count = shown.offers.length;
      setShown({ ...shown, marked: (shown.marked + by + count) % count });
    },
    accept(text, caret, index) {
      const offer = shown?.offers[index ?? shown.marked];
      setShown(undefined);
      return shown && offer && insertKey(text, shown.place, caret, offer);
    },
    close: () => setShown(undefined),
  };
}
