import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { life } from '#src/suggestion/suggestion-event.fixture.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { promote } from './promotion.ts'

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'agentperf-promotion-'))
  mkdirSync(join(place, 'agents'))
})

afterEach(() => rmSync(place, { recursive: true }))

const agentFile = (name: string): string => `---\nname: ${name}\ndescription: Looks\n---\n\nYou look.\n`
const pathOf = (file: string): string => join(place, 'agents', file)
const settings = () => ({ promote: 'apply', directory: place, agents_directory: join(place, 'agents') }) as const

function provenFor(agentType: string): SuggestionLife {
  const proven = life('proposed', 'activated', 'proven')
  if (proven === undefined) throw new Error('expected a life')
  return { ...proven, agentType }
}

test.for<[agentType: string, name: string]>([
  ['Explore', 'Explore'],
  ['general purpose', 'general purpose'],
  ['Prüfer', '"Prüfer"'],
  ['my-plugin:reviewer', "'my-plugin:reviewer'"],
  ['reviewer', 'reviewer  # of code'],
])('the agent %j has its file, with the name %s in it', async ([agentType, name]) => {
  writeFileSync(pathOf(`${agentType}.md`), agentFile(name))
  expect(await promote(provenFor(agentType), settings())).toEqual({ reason: `written into ${agentType}.md` })
  expect(readFileSync(pathOf(`${agentType}.md`), 'utf8')).toContain('agentperf:begin opt-a')
})

test.for<[why: string, agentType: string, reason: RegExp]>([
  ['has another name in it', 'other', /another agent/],
  ['has the name of another case in it', 'case', /another agent/],
  ['has no front matter', 'notes', /front matter/],
  ['is not there', 'nobody', /no file nobody\.md/],
  ['is a folder', 'folder', /no file folder\.md/],
  ['would lie elsewhere', '../agents/reviewer', /no file name/],
  ['would lie in a folder', 'sub/reviewer', /no file name/],
  ['would lie elsewhere on another system', 'sub\\reviewer', /no file name/],
  ['has a name with a line break', 'a\nb', /no file name/],
  ['has a name that is too long', 'x'.repeat(253), /no file name/],
  ['has no name', '', /no file name/],
])('a file that %s is left alone, and it is said why', async ([, agentType, reason]) => {
  const texts = { other: agentFile('somebody-else'), case: agentFile('Case'), notes: '# Notes\nname: notes\n' }
  for (const [name, text] of Object.entries(texts)) writeFileSync(pathOf(`${name}.md`), text)
  writeFileSync(pathOf('reviewer.md'), agentFile('reviewer'))
  mkdirSync(pathOf('folder.md'))
  mkdirSync(pathOf('sub'))
  writeFileSync(pathOf('sub/reviewer.md'), agentFile('sub/reviewer'))
  expect(await promote(provenFor(agentType), settings())).toEqual({ why: expect.stringMatching(reason) })
  for (const [name, text] of Object.entries(texts)) expect(readFileSync(pathOf(`${name}.md`), 'utf8')).toBe(text)
  expect(readFileSync(pathOf('reviewer.md'), 'utf8')).toBe(agentFile('reviewer'))
  expect(readFileSync(join(place, 'proposals/opt-a.md'), 'utf8')).toContain('Batch tasks')
})

test('without a folder of agents it is said that there is none', async () => {
  expect(await promote(provenFor('reviewer'), { ...settings(), agents_directory: undefined })).toEqual({
    why: 'agents_directory is not set',
  })
})

test('what is to be proposed alone is, without a word', async () => {
  writeFileSync(pathOf('reviewer.md'), agentFile('reviewer'))
  expect(await promote(provenFor('reviewer'), { ...settings(), promote: 'propose' })).toBeUndefined()
  expect(readFileSync(pathOf('reviewer.md'), 'utf8')).toBe(agentFile('reviewer'))
})
