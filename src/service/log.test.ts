import { expect, test } from 'vitest'
import { createLogger, type LogFormat } from './log.ts'

function logged(format: LogFormat): string {
  let text = ''
  const loggerFor = createLogger('info', format, { write: (line) => (text += line) })
  loggerFor('jsonl_file').debug({}, 'not shown')
  loggerFor('jsonl_file').warn({ file: 'a b.jsonl', byteOffset: 7 }, 'a line is left out')
  return text
}

test('as JSON, one object a line', () => {
  expect(JSON.parse(logged('json'))).toMatchObject({
    level: 40,
    component: 'jsonl_file',
    msg: 'a line is left out',
    file: 'a b.jsonl',
    byteOffset: 7,
  })
})

test('pretty, one line for people', () => {
  expect(logged('pretty')).toMatch(
    /^\d\d:\d\d:\d\d {2}WARN {3}jsonl_file {2}a line is left out {2}file=a b\.jsonl {2}byteOffset=7\n$/,
  )
})
