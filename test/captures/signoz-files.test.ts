import { afterAll, expect, test } from 'vitest'
import { dashboardSchema, dashboardSpecSchema } from '../../scripts/signoz/dashboard-schema.ts'
import { ruleSchema } from '../../scripts/signoz/rule-schema.ts'
import { capture, capturesIn, HAVE_CAPTURES, reportCaptures } from './captures.ts'

/** What SigNoz itself takes, our schemas take: what they refuse is not refused for a difference of ours. */

afterAll(() => reportCaptures('dashboards and rules of SigNoz'))

test.for(capturesIn('signoz', /dashboard.*\.json$/))('%s is a dashboard', (name) => {
  const schema = name.includes('.spec-only.') ? dashboardSpecSchema : dashboardSchema
  expect(schema.safeParse(JSON.parse(capture(name))).error).toBeUndefined()
})

test.for(capturesIn('signoz', /\/rule-[^/]*\.json$|signoz-testdata-threshold[^/]*\.json$/))('%s is a rule', (name) => {
  expect(ruleSchema.safeParse(JSON.parse(capture(name))).error).toBeUndefined()
})

test.for(capturesIn('signoz', /rules-examples\.json$/))('%s are rules', (name) => {
  const rules = Object.entries(JSON.parse(capture(name)))
  expect(rules.length).toBeGreaterThan(5)
  for (const [example, rule] of rules) expect(ruleSchema.safeParse(rule).error, example).toBeUndefined()
})

test.runIf(!HAVE_CAPTURES)('without captures nothing is checked', () => {
  expect(HAVE_CAPTURES).toBe(false)
})
