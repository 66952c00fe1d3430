import { RE2JS } from 're2js'
import { type Detector, maskOf } from './detector.ts'

/**
 * A detector of a pattern from the configuration, in the syntax of RE2: whatever the pattern, its time grows with the length
 * of the text and no faster.
 *
 * @throws when it is not a pattern, or matches nothing at all between any two characters
 */
export function customDetector(kind: string, source: string): Detector {
  const pattern = compile(source)
  if (pattern.matcher('').find()) throw new Error('expected a pattern that does not match an empty text')
  const mask = maskOf(kind)
  return {
    kind,
    mask(text) {
      const matcher = pattern.matcher(text)
      let masked = ''
      let count = 0
      let at = 0
      while (matcher.find()) {
        // As `\b` does.
        if (matcher.end() === matcher.start()) continue
        masked += text.slice(at, matcher.start()) + mask
        at = matcher.end()
        count++
      }
      return { text: masked + text.slice(at), count }
    },
  }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be compiled'
    throw new Error(`expected a pattern in the syntax of RE2: ${reason}`, { cause: error })
  }
}
