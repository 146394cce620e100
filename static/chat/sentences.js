/** Which sentence of a text says what somebody took from it. Chinese and English. */

const WORD = /[\u3400-\u9fff]+|[\p{L}\p{N}]+/gu;
const CHINESE = /[\u3400-\u9fff]/;
/** So much of a sentence, and of what was said, must be the same for it to be the one. */
const LEAST_SHARED = 0.2;
/** A shorter sentence may stand in what was said by chance. */
const SHORTEST_QUOTED = 8;

/** The sentences of a text, as they stand; joined they are the text. */
export function sentencesOf(text) {
  const parts = [...new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text)];
  return parts.map(({ segment }) => segment);
}

/** Which of the sentences were meant by what was said: the one nearest to its end, and all that it says word for word. */
export function meantSentences(sentences, said) {
  const nearest = nearestSentence(sentences, said);
  const plain = squeezed(said);
  const isQuoted = (sentence) => squeezed(sentence).length >= SHORTEST_QUOTED && plain.includes(squeezed(sentence));
  return sentences.map((sentence, index) => index === nearest || isQuoted(sentence));
}

const squeezed = (text) => text.replace(/\s+/g, "");

/** Which of the sentences is nearest to the last one of what was said; -1 where none is near. */
function nearestSentence(sentences, said) {
  const last = sentencesOf(said.trim()).findLast((sentence) => termsOf(sentence).size > 0) ?? "";
  const wanted = termsOf(last);
  let [best, place] = [LEAST_SHARED, -1];
  sentences.forEach((sentence, index) => {
    const terms = termsOf(sentence);
    const shared = [...wanted].filter((term) => terms.has(term)).length;
    const share = shared / Math.sqrt(Math.max(1, wanted.size) * Math.max(1, terms.size));
    if (share > best) [best, place] = [share, index];
  });
  return place;
}

/** What is compared: words in small letters, Chinese by pairs of characters. */
function termsOf(text) {
  const terms = new Set();
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    if (!CHINESE.test(word)) terms.add(word);
    else for (let at = 0; at < Math.max(1, word.length - 1); at += 1) terms.add(word.slice(at, at + 2));
  }
  return terms;
}
