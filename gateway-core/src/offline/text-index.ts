// Full-text index of passages: SQLite FTS5 in memory, one table per scope. The native module is loaded on first use.
import type Libsql from 'libsql';
import { anyOf, coverage, quoteTerm, termsToRank } from './text-query.js';
import type { Passage } from './types.js';

type Database = InstanceType<typeof Libsql>;

export interface Hit {
  passage: Passage;
  /** Share of the question that the passage covers, 0…1. */
  coverage: number;
  /** Higher is better. */
  score: number;
}

/** Rows of a file: consecutive, so that they can be removed as a range. */
export interface RowRange {
  first: number;
  last: number;
}

export interface SearchQuery {
  terms: string[];
  /** Scopes to look in: `docs`, or the name of a workspace. */
  scopes: string[];
  limit: number;
}

interface ScopeTable {
  name: string;
  passages: Map<number, Passage>;
}

interface Candidate {
  passage: Passage;
  /** BM25 relative to the best passage of its scope, 0…1: values of different scopes cannot be compared. */
  rank: number;
  found: Set<string>;
}

const CANDIDATES = 60;

/** Lets the event loop take its turn between statements. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Owns the database and the passages; ranks by BM25 and by how much of the question a passage covers. */
export class TextIndex {
  readonly #scopes = new Map<string, ScopeTable>();
  #nextId = 1;

  constructor(readonly db: Database) {}

  #table(scope: string): ScopeTable {
    const known = this.#scopes.get(scope);
    if (known) return known;
    const name = `passages_${this.#scopes.size + 1}`;
    // The text itself stays in our map; the table keeps only what finds it.
    this.db.exec(`CREATE VIRTUAL TABLE ${name} USING fts5(title, heading, body,
      content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2')`);
    const table = { name, passages: new Map<number, Passage>() };
    this.#scopes.set(scope, table);
    return table;
  }

  add(scope: string, passages: Passage[]): RowRange {
    const table = this.#table(scope);
    const insert = this.db.prepare(`INSERT INTO ${table.name}(rowid, title, heading, body) VALUES (?, ?, ?, ?)`);
    const first = this.#nextId;
    this.db.exec('BEGIN');
    for (const passage of passages) {
      const id = this.#nextId++;
      insert.run(id, passage.title, passage.heading, passage.text);
      table.passages.set(id, passage);
    }
    this.db.exec('COMMIT');
    return { first, last: this.#nextId - 1 };
  }

  remove(scope: string, { first, last }: RowRange): void {
    if (last < first) return;
    const { name, passages } = this.#table(scope);
    this.db.prepare(`DELETE FROM ${name} WHERE rowid BETWEEN ? AND ?`).run(first, last);
    for (let id = first; id <= last; id += 1) passages.delete(id);
  }

  /** The best passages, best first; no terms find nothing. Gives the event loop its turn between statements. */
  async search({ terms, scopes, limit }: SearchQuery): Promise<Hit[]> {
    if (terms.length === 0) return [];
    const tables = scopes.map((scope) => this.#table(scope));
    const totals = new Map(terms.map((term) => [term, 0]));
    const candidates: Candidate[] = [];
    for (const table of tables) {
      const counts = this.#counts(table, terms);
      for (const [term, count] of counts) totals.set(term, (totals.get(term) ?? 0) + count);
      await breathe();
      candidates.push(...this.#candidates(table, termsToRank(counts), terms));
      await breathe();
    }
    const size = tables.reduce((sum, { passages }) => sum + passages.size, 0);
    return candidates
      .map(({ passage, rank, found }) => {
        const share = coverage(found, totals, size);
        return { passage, coverage: share, score: share * (0.5 + rank / 2) };
      })
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  }

  /** How many passages have each term. */
  #counts({ name }: ScopeTable, terms: string[]): Map<string, number> {
    const statement = this.db.prepare(`SELECT count(*) AS n FROM ${name} WHERE ${name} MATCH ?`);
    return new Map(terms.map((term) => [term, (statement.get(quoteTerm(term)) as { n: number }).n]));
  }

  #candidates({ name, passages }: ScopeTable, ranked: string[], terms: string[]): Candidate[] {
    if (ranked.length === 0) return [];
    const rows = this.db
      .prepare(
        `SELECT rowid AS id, bm25(${name}, 4.0, 6.0, 1.0) AS rank FROM ${name}
         WHERE ${name} MATCH ? ORDER BY rank LIMIT ${CANDIDATES}`,
      )
      .all(anyOf(ranked)) as Array<{ id: number; rank: number }>;
    const best = rows[0]?.rank ?? -1;
    const found = this.#termsOf(
      name,
      rows.map(({ id }) => id),
      terms,
    );
    return rows.flatMap(({ id, rank }): Candidate[] => {
      const passage = passages.get(id);
      return passage ? [{ passage, rank: rank / best, found: found.get(id) ?? new Set() }] : [];
    });
  }

  /** Which terms each passage has; asked of the index, since it knows word stems. */
  #termsOf(name: string, ids: number[], terms: string[]): Map<number, Set<string>> {
    const found = new Map(ids.map((id) => [id, new Set<string>()]));
    const places = ids.map(() => '?').join(', ');
    const statement = this.db.prepare(`SELECT rowid AS id FROM ${name} WHERE ${name} MATCH ? AND rowid IN (${places})`);
    for (const term of terms) {
      for (const { id } of statement.all(quoteTerm(term), ...ids) as Array<{ id: number }>) found.get(id)?.add(term);
    }
    return found;
  }

  close(): void {
    this.#scopes.clear();
    this.db.close();
  }
}

/** Opens an empty index in memory. */
export async function openTextIndex(): Promise<TextIndex> {
  const { default: Database } = await import('libsql');
  return new TextIndex(new Database(':memory:'));
}
