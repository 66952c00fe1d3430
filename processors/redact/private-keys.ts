import { type Detector, maskOf } from './detector.ts'

const KIND = 'private_key'
const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const END = '-----END '
const DASHES = '-----'

/** Private keys in PEM and PGP armour. One that is cut off is masked to the end of the text. */
export const privateKeys: Detector = {
  kind: KIND,
  mask(text) {
    let masked = ''
    let count = 0
    let at = 0
    for (const { index, 0: begin } of text.matchAll(BEGIN)) {
      if (index < at) continue
      masked += text.slice(at, index) + maskOf(KIND)
      count++
      at = endOfKey(text, index + begin.length)
    }
    return { text: masked + text.slice(at), count }
  },
}

function endOfKey(text: string, start: number): number {
  const end = text.indexOf(END, start)
  const dashes = end === -1 ? -1 : text.indexOf(DASHES, end + END.length)
  return dashes === -1 ? text.length : dashes + DASHES.length
}
