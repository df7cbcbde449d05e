// Declares methods and events as flat table rows.
import type { Static, TSchema } from 'typebox';
import * as Type from 'typebox';

export const OPERATOR_SCOPES = [
  'operator.admin',
  'operator.read',
  'operator.write',
  'operator.approvals',
  'operator.pairing',
] as const;
export type OperatorScope = (typeof OPERATOR_SCOPES)[number];

/** What a caller needs for a method: one operator scope, nothing at all, or the node role. */
export type MethodScope = OperatorScope | 'any' | 'node';

export interface MethodSpec<P extends TSchema = TSchema, R extends TSchema = TSchema> {
  params: P;
  result: R;
  scope: MethodScope;
  /** Changes state: callers may send an idempotency key where the schema has one. */
  mutates?: boolean;
  /** False for methods that are answered but not listed in `hello-ok.features.methods`. */
  advertised?: boolean;
}

export function method<P extends TSchema, R extends TSchema>(spec: MethodSpec<P, R>): MethodSpec<P, R> {
  return spec;
}

export interface EventSpec<P extends TSchema = TSchema> {
  payload: P;
  /** Scope that a receiver needs; absent = every connection. */
  scope?: OperatorScope;
  /** May be skipped for a connection whose send buffer is full. */
  droppable?: boolean;
  /** Sent to chosen connections, without `seq`. */
  targeted?: boolean;
  /** A node hears it too, but only where it is sent to that node's connection. */
  forNodes?: boolean;
  advertised?: boolean;
}

export function event<P extends TSchema>(spec: EventSpec<P>): EventSpec<P> {
  return spec;
}

export type StaticOf<S> = S extends TSchema ? Static<S> : never;

/** A union of fixed strings. */
export function literals<const T extends readonly string[]>(values: T) {
  return Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))));
}
