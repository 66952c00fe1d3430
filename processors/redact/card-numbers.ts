import { type Detector, maskOf } from './detector.ts'

const KIND = 'card'
/** Ids are made of digits too: what goes on before or behind with a letter, a dash or a fraction is no card. */
const CANDIDATE = /(?<![\w.-])\d{2,19}(?:[ -]\d{2,19}){0,15}(?![\w-]|\.\d)/g
const MIN_DIGITS = 13
const USUAL_DIGITS = 16

/** What the numbers of card schemes begin with, and how long they are; times and most ids begin otherwise. */
const SCHEMES = new RegExp(
  `^(?:${[
    '4(?:\\d{12}|\\d{15}|\\d{18})',
    '5[1-5]\\d{14}',
    '2(?:(?:2[2-9]|[3-6]\\d|7[01])\\d{13}|720\\d{12})',
    '3[47]\\d{13}',
    '3(?:0[0-5]|[689]\\d)\\d{11,16}',
    '35\\d{14,17}',
    '6(?:011\\d{12,15}|4[4-9]\\d{13,16}|[25]\\d{14,17})',
  ].join('|')})$`,
)

/** Card numbers: 13 to 19 digits, in groups or not, with a check digit that is right. */
export const cardNumbers: Detector = {
  kind: KIND,
  mask(text) {
    let count = 0
    const masked = text.replace(CANDIDATE, (candidate) => {
      const place = placeOfCard(candidate)
      if (place === undefined) return candidate
      count++
      return candidate.slice(0, place.start) + maskOf(KIND) + candidate.slice(place.end)
    })
    return { text: masked, count }
  },
}

/** Whether the digits are those of a card. */
export function isCardNumber(digits: string): boolean {
  return SCHEMES.test(digits) && hasCheckDigit(digits)
}

/** Other numbers may stand before and after it with a space between, as a security code does. */
function placeOfCard(candidate: string): { readonly start: number; readonly end: number } | undefined {
  const starts = [0]
  const ends: number[] = []
  for (const { index } of candidate.matchAll(/ /g)) {
    ends.push(index)
    starts.push(index + 1)
  }
  ends.push(candidate.length)
  for (const start of starts) {
    const found = ends.flatMap((end) => {
      const digits = end - start < MIN_DIGITS ? '' : candidate.slice(start, end).replace(/[ -]/g, '')
      return isCardNumber(digits) ? [{ start, end, digits: digits.length }] : []
    })
    // By chance one in ten longer numbers has a right check digit, too.
    const place = found.find(({ digits }) => digits === USUAL_DIGITS) ?? found.at(-1)
    if (place !== undefined) return place
  }
  return undefined
}

/** Luhn's check. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    const doubled = place % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
