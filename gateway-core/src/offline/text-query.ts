// Pure: what someone typed → terms for full-text search. Nothing typed can become query syntax.

const STOP_WORDS = new Set(
  `a about after all also am an and any are as at be because been before being but by can could did do does doing
  down during each few for from further get give had has have having he her here hers him his how i if in into is it
  its just know let like make me mean more most my need no nor not now of off on once only or other our out over own
  please same say she should show so some such tell than that the their them then there these they this those through
  to too under until up us use using very want was we were what when where which while who whom why will with work works
  would you your`.split(/\s+/),
);

const MAX_QUESTION_CHARS = 4_000;
const MAX_TERMS = 12;
const MAX_TERM_CHARS = 48;

/** The words worth searching for, lower case, without repeats. Falls back to all words when every one is a stop word. */
export function searchTerms(question: string): string[] {
  const words = (
    question
      .slice(0, MAX_QUESTION_CHARS)
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).map((word) => word.slice(0, MAX_TERM_CHARS));
  const unique = [...new Set(words)];
  const telling = unique.filter(
    (word) => !STOP_WORDS.has(word) && (word.length > 1 || /\p{N}|[^\p{Script=Latin}]/u.test(word)),
  );
  return (telling.length > 0 ? telling : unique).slice(0, MAX_TERMS);
}

/** One term as an FTS5 string. Terms hold letters and digits only; the quotes keep words like NOT from being operators. */
export function quoteTerm(term: string): string {
  return `"${term.replaceAll('"', '')}"`;
}

/** Matches passages with any of the terms. */
export function anyOf(terms: readonly string[]): string {
  return terms.map(quoteTerm).join(' OR ');
}

/** Ranking takes about a millisecond per thousand matches, and nothing else runs meanwhile. */
const MAX_RANKED_MATCHES = 5_000;

/**
 * The terms to rank passages by: rare ones first, as long as there are not too many matches in all. Everyday words
 * weigh next to nothing in a ranking, so little is lost. `matches` maps a term to the number of passages with it.
 */
export function termsToRank(matches: ReadonlyMap<string, number>): string[] {
  const present = [...matches].filter(([, count]) => count > 0).sort(([, a], [, b]) => a - b);
  let sum = 0;
  return present
    .filter(([, count], at) => {
      sum += count;
      return at === 0 || sum <= MAX_RANKED_MATCHES;
    })
    .map(([term]) => term);
}

/** Verbs that only say that somebody wants to get something going; the thing itself is what matters. */
const HOW_TO_VERBS = new Set(
  `add change choose configure connect create enable find get install link open pick put run set setup start switch
  turn work write`.split(/\s+/),
);
const HOW_TO_WEIGHT = 0.35;

/** Keeps rarity from meaning much where there are only a few passages. */
const SMOOTHING = 10;

/**
 * How much of a question a passage covers, 0…1: found terms weigh by rarity, so a passage that shares only
 * everyday words with the question covers little of it. `matches` maps a term to the number of passages with it.
 */
export function coverage(found: ReadonlySet<string>, matches: ReadonlyMap<string, number>, total: number): number {
  let all = 0;
  let hit = 0;
  for (const [term, count] of matches) {
    const weight = Math.log(1 + (total + SMOOTHING) / (count + 1)) * (HOW_TO_VERBS.has(term) ? HOW_TO_WEIGHT : 1);
    all += weight;
    if (found.has(term)) hit += weight;
  }
  return all === 0 ? 0 : hit / all;
}
