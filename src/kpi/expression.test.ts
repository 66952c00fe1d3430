import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileCondition, compileNumber, type ExpressionLine } from './expression.ts'
import { KPI_NAMES } from './table.ts'
import { celNames, type Vocabulary } from './vocabulary.ts'

const SEED = 20_261_120
const COMPARED: Vocabulary = { kpis: KPI_NAMES, compared: true }
const NOT_COMPARED: Vocabulary = { kpis: KPI_NAMES, compared: false }

const LINE: ExpressionLine = {
  duration_seconds: 60,
  agent_type: 'coder',
  agent_version: null,
  model: null,
  totals: { prompts: 4, output_tokens: 10 },
  tools: {
    Write: { calls: 2, failures: 0 },
    Read: { calls: 4, failures: 1 },
    'mcp__web-search__get.it': { calls: 9, failures: 3 },
  },
  kpis: { error_rate: 0.1 },
  baselines: { error_rate: 0.05 },
  std_devs: { error_rate: 0.02 },
  deviations: { error_rate: 2.5 },
}

test.for<[source: string, value: number]>([
  ['totals.output_tokens', 10],
  ['tools.Write.calls / tools.Read.calls', 0.5],
  ['tools["mcp__web-search__get.it"].failures', 3],
  ['1 / 2', 0.5],
  ['totals.prompts / 3', 4 / 3],
  ['-2 * totals.prompts + 0x10', 8],
  ['duration_seconds / 60', 1],
  ['size(tools) / 2', 1.5],
  ['tools.size() + 1', 4],
  ['has(tools.Bash) ? tools.Bash.calls : 0', 0],
  ['has(kpis.error_rate) ? kpis.error_rate : 1', 0.1],
  ['tools.exists(tool, tools[tool].failures > 2) ? 1 : 0', 1],
  ['totals.prompts in [1, 4] ? 1 : 0', 1],
  ['kpis.error_rate / baselines.error_rate', 2],
  ['deviations.error_rate', 2.5],
  ['agent_type.startsWith("co") ? 1e3 : 0', 1000],
])('%s is %d', ([source, value]) => {
  expect(evaluated(source)).toEqual({ value })
})

test.for<[source: string, absent: string]>([
  ['tools.Bash.calls', 'tools.Bash is not known for this session'],
  ['totals.cost_usd / totals.prompts', 'totals.cost_usd is not known for this session'],
  ['kpis.cache_efficiency + 1', 'kpis.cache_efficiency is not known for this session'],
  ['model == "opus" ? 1 : 0', 'model is not known for this session'],
  ['kpis[agent_type]', 'kpis[agent_type] is not known for this session'],
  ['totals.prompts / 0', 'its value is Infinity, not a finite number'],
  ['(totals.prompts - 4) / 0', 'its value is NaN, not a finite number'],
])('%s is absent: %s', ([source, absent]) => {
  expect(evaluated(source)).toEqual({ absent })
})

test.for<[source: string, problem: string]>([
  ['', 'expected a CEL expression, found an empty text'],
  ['totals.output_token', 'totals.output_token is unknown (did you mean totals.output_tokens?)'],
  ['kpis.no_such', 'kpis.no_such is unknown'],
  ['kpis["eror_rate"]', 'kpis.eror_rate is unknown (did you mean kpis.error_rate?)'],
  ['has(kpis.eror_rate) ? 1 : 0', 'kpis.eror_rate is unknown (did you mean kpis.error_rate?)'],
  ['1 + tools.Write.call', 'tools.Write.call is unknown (did you mean tools.Write.calls?)'],
  ['tools.exists(t, tools[t].failed > 1) ? 1 : 0', 'tools[t].failed is unknown (known: calls, failures)'],
  ['prompts', 'prompts is unknown at column 1 (did you mean totals.prompts?)'],
  ['2 * total.prompts', 'total is unknown at column 5 (did you mean totals?)'],
  ['totals.prompts /', 'expected a value, found the end at column 17'],
  ['a.b ? :', 'expected a value, found ":" at column 7'],
  ['(totals.prompts', 'expected ")", found the end at column 16'],
  ['[1, 2', 'expected "]", found the end at column 6'],
  ['totals.', 'expected a name, found the end at column 8'],
  ['totals.prompts # 3', 'found the unexpected character "#" at column 16'],
  ['totals.prompts 3', 'expected an operator or the end, found "3" at column 16'],
  ['agent_type == "a', 'expected a quote at the end of the text, found none at column 15'],
  ['import', 'import is a reserved word of CEL at column 1'],
  ['0xg', 'found a number that cannot be read at column 1'],
  ['foo(totals.prompts)', 'there is no function foo(number) at column 1'],
  ['totals.prompts.max(1, "a")', 'there is no function number.max(number, text) at column 1'],
  ['== 3', 'expected a value, found "==" at column 1'],
  ['double(totals)', 'there is no function double(map of numbers) at column 1'],
  ['!totals.prompts', 'cannot compute !number at column 1'],
  ['totals.prompts + true', 'cannot compute number + boolean at column 1'],
  ['totals + 1', 'cannot compute map of numbers + number at column 1'],
  ['1 ? 2 : 3', 'expected true or false before "?", found number at column 1'],
  ['true ? 2 : "a"', 'expected the same type on both sides of ":", found number and text at column 1'],
  ['totals.prompts && true ? 1 : 0', 'expected true or false on both sides of "&&" and "||", found number at column 1'],
  ['1 + (2 * totals.prompts + agent_type)', 'cannot compute number + text at column 6'],
  ['size(tools) + (3 + model)', 'cannot compute number + text at column 16'],
  ['agent_type', 'expected a number, found text'],
  ['totals', 'expected a number, found map of numbers'],
  ['kpis.error_rate > 1', 'expected a number, found boolean'],
  [`${'('.repeat(40)}1${')'.repeat(40)}`, 'expected at most 24 levels of brackets and calls at column 25'],
  [Array.from({ length: 150 }, () => '1').join('+'), 'expected at most 200 names, numbers and operators at column'],
  [`1${' '.repeat(1000)}`, 'expected at most 1000 characters, found 1001'],
  ['tools.exists(a, tools.all(b, a == b)) ? 1 : 0', 'expected no loop inside a loop, found one'],
])('%s is refused: %s', ([source, problem]) => {
  const compiled = compileNumber(source, COMPARED)
  expect('problem' in compiled ? compiled.problem : 'none').toContain(problem)
})

test.for<[source: string, value: boolean]>([
  ['kpis.error_rate > 2 * baselines.error_rate - 1', true],
  ['deviations.error_rate >= 3 && totals.prompts > 3', false],
  ['kpis.cache_efficiency < 1 || true', true],
])('the condition %s is %s', ([source, value]) => {
  const compiled = compileCondition(source, COMPARED)
  if ('problem' in compiled) throw new Error(compiled.problem)
  expect(compiled.expression.evaluate(LINE)).toEqual({ value })
})

test('a condition must be true or false', () => {
  expect(compileCondition('1', COMPARED)).toEqual({ problem: 'expected true or false, found number' })
})

test('before the comparison an expression cannot name a baseline', () => {
  expect(compileNumber('baselines.error_rate', NOT_COMPARED)).toEqual({
    problem: 'baselines is unknown at column 1',
  })
})

test('every name that is listed can be used', () => {
  for (const { name, type } of celNames(COMPARED)) {
    const source = name.replace('<Tool>', 'Bash')
    const compiled = compileCondition(`${source} == ${type === 'string' ? '"x"' : 1}`, COMPARED)
    expect(compiled).toHaveProperty('expression')
  }
})

test('names that only a comparison gives are listed only for those who can use them', () => {
  const names = celNames(NOT_COMPARED).map(({ name }) => name)
  expect(names).toContain('kpis.error_rate')
  expect(names).not.toContain('baselines.error_rate')
})

test('no text makes the compiler or an expression throw', () => {
  const words = fc.constantFrom(
    'totals',
    '.',
    'prompts',
    'kpis',
    '[',
    ']',
    '(',
    ')',
    '"x"',
    '1',
    '0',
    '/',
    '-',
    'has',
    '?',
    ':',
    'tools',
    'size',
    '==',
    '&&',
    'in',
    'r"',
    '__proto__',
  )
  const sources = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.array(words, { maxLength: 8 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(sources, (source) => {
      const compiled = compileNumber(source, COMPARED)
      if ('problem' in compiled) expect(compiled.problem).not.toBe('')
      else expect(Object.keys(compiled.expression.evaluate(LINE))).toHaveLength(1)
    }),
    { seed: SEED, numRuns: 500 },
  )
})

function evaluated(source: string) {
  const compiled = compileNumber(source, COMPARED)
  if ('problem' in compiled) throw new Error(`${source}: ${compiled.problem}`)
  return compiled.expression.evaluate(LINE)
}
