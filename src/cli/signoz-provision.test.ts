import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, expect, test } from 'vitest'
import { dashboard } from '../../scripts/signoz/dashboard.ts'
import { FakeSignozApi } from './fake-signoz-api.fixture.ts'
import { memoryIo } from './memory-io.fixture.ts'
import { runProgram } from './program.ts'

const root = pathToFileURL(`${resolve(import.meta.dirname, '../..')}/`)
const WITH_KEY = { SIGNOZ_API_KEY: FakeSignozApi.key }

let signoz: FakeSignozApi

beforeEach(async () => {
  signoz = await new FakeSignozApi().start()
})

async function provision(env: Readonly<Record<string, string>>, ...args: string[]) {
  const io = memoryIo({ env: { HOME: '/nowhere', SIGNOZ_URL: signoz.url, ...env } })
  const code = await runProgram({ argv: ['signoz', 'provision', ...args], io, packageRoot: root })
  return { code, out: io.written.out, err: io.written.err }
}

/** All that it has, but whether rules are off. */
const kept = () =>
  structuredClone({
    dashboards: signoz.dashboards,
    rules: signoz.rules.map(({ id, body }) => ({ id, body: withoutDisabled(body) })),
  })

test('dashboards and rules are created, and a second run changes nothing', async () => {
  const first = await provision(WITH_KEY, '--channel', 'team')
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(first.out).toMatch(/^created +dashboard +Agent performance$/m)
  expect(first.out).toMatch(/^created +rule +agentperf: far from usual$/m)
  expect(signoz.rules.length).toBeGreaterThan(3)
  const before = kept()
  const second = await provision(WITH_KEY, '--channel', 'team')
  expect(second.code).toBe(0)
  expect(second.out).not.toContain('created')
  // Nor does one that names no channel.
  expect((await provision(WITH_KEY)).out).toMatch(/^updated +rule +agentperf: far from usual$/m)
  expect(kept()).toEqual(before)
})

test('what somebody set in SigNoz stays: thresholds, channels, whether a rule is off', async () => {
  await provision(WITH_KEY, '--channel', 'team')
  const rule = signoz.rules.find(({ body }) => body.alert === 'agentperf: expensive day')
  const [threshold] = rule?.body.condition.thresholds?.spec ?? []
  Object.assign(threshold ?? {}, { target: 200, channels: ['finance'] })
  Object.assign(rule?.body ?? {}, { disabled: true, description: 'old' })
  await provision(WITH_KEY)
  expect(rule?.body).toMatchObject({
    disabled: true,
    description: expect.stringContaining('24 hours'),
    condition: { thresholds: { spec: [{ target: 200, channels: ['finance'] }] } },
  })
})

test('dashboards of others are left alone, also on the second page', async () => {
  const own = (tool: string) => ({
    ...dashboard({ name: 'agentperf-kpis', title: 'x', description: '', sections: [] }),
    tags: [{ key: 'tool', value: tool }],
  })
  for (let i = 0; i < 250; i += 1) signoz.addDashboard(own('other'))
  signoz.addDashboard(own('agentperf'))
  await provision(WITH_KEY)
  expect(signoz.changes.filter((change) => change.includes('dashboards'))).toContain(
    'PUT /api/v2/dashboards/00000000-251',
  )
  expect(signoz.dashboards.slice(0, 250).every(({ body }) => body.spec.display.name === 'x')).toBe(true)
  expect(signoz.dashboards[250]?.body.spec.display.name).toBe('Agent performance')
})

test('a locked dashboard is not touched, and is said', async () => {
  await provision(WITH_KEY)
  for (const kept of signoz.dashboards) kept.locked = true
  const { code, out } = await provision(WITH_KEY)
  expect(code).toBe(1)
  expect(out).toMatch(/^locked +dashboard +Agent performance: unlock it/m)
})

test('without a channel there are no rules, and it says how to get them', async () => {
  const { code, out } = await provision(WITH_KEY, '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toContainEqual({
    kind: 'rule',
    name: 'agentperf: expensive day',
    outcome: 'left out',
    hint: expect.stringContaining('--channel'),
  })
  expect(signoz.rules).toEqual([])
})

test('a SigNoz that has dashboards but no such rules yet: what was done is told, and what is wrong', async () => {
  signoz.version = 'v0.130.0'
  signoz.lacks.set('/api/v2/rules', 404)
  const { code, out, err } = await provision(WITH_KEY)
  expect(code).toBe(3)
  expect(out).toMatch(/^created +dashboard +agentperf itself\ncreated +dashboard +Agent performance\nSee http/)
  expect(err).toMatch(/404.*alert rules v0\.133 or newer; it is SigNoz v0\.130\.0/)
  expect(signoz.dashboards).toHaveLength(2)
  const again = await provision(WITH_KEY, '--json')
  expect(again.code).toBe(3)
  expect(JSON.parse(again.out)).toEqual([
    { kind: 'dashboard', name: 'agentperf itself', outcome: 'updated' },
    { kind: 'dashboard', name: 'Agent performance', outcome: 'updated' },
  ])
})

test('it waits until SigNoz is ready', async () => {
  signoz.startsFor = 2
  expect((await provision(WITH_KEY, '--wait', '10')).code).toBe(0)
})

test('a user’s name and password do as well', async () => {
  const { email, password } = FakeSignozApi
  expect((await provision({ SIGNOZ_EMAIL: email, SIGNOZ_PASSWORD: password })).code).toBe(0)
  expect(signoz.dashboards.length).toBeGreaterThan(0)
})

test.for<{
  name: string
  env?: Readonly<Record<string, string>>
  args?: string[]
  prepare?: () => unknown
  says: RegExp
}>([
  { name: 'no login', env: {}, says: /SIGNOZ_API_KEY/ },
  { name: 'a wrong key', env: { SIGNOZ_API_KEY: 'secret-2' }, says: /401.*role Editor/ },
  {
    name: 'a wrong password',
    env: { SIGNOZ_EMAIL: FakeSignozApi.email, SIGNOZ_PASSWORD: 'secret-2' },
    says: /does not let ada@example.com in: 401 \(invalid email or password\)/,
  },
  {
    name: 'nobody of that name',
    env: { SIGNOZ_EMAIL: 'bob@example.com', SIGNOZ_PASSWORD: 'secret-2' },
    says: /no organisation with bob@example.com/,
  },
  { name: 'no such channel', args: ['--channel', 'nobody'], says: /no notification channel nobody; it has team/ },
  {
    name: 'no dashboards of that kind (404)',
    prepare: () => signoz.lacks.set('/api/v2/dashboards', 404),
    says: /404.*v0\.126\.1 or newer.*it is SigNoz v0\.110\.0/,
  },
  {
    name: 'no dashboards of that kind (501)',
    prepare: () => signoz.lacks.set('/api/v2/dashboards', 501),
    says: /501 \(dashboard_deprecated\).*it is SigNoz v0\.110\.0/,
  },
  {
    name: 'no dashboards of that kind (its page answers)',
    prepare: () => signoz.lacks.set('/api/v2/dashboards', 'its page'),
    says: /a web page.*it is SigNoz v0\.110\.0/,
  },
  {
    name: 'not ready in time',
    args: ['--wait', '1'],
    prepare: () => {
      signoz.startsFor = 99
    },
    says: /not ready after 1 s: it answers 503/,
  },
])('what is wrong is said, without a secret: $name', async ({ env = WITH_KEY, args = [], prepare, says }) => {
  signoz.version = 'v0.110.0'
  prepare?.()
  const { code, out, err } = await provision(env, ...args)
  expect({ code, out }).toEqual({ code: 3, out: '' })
  expect(err).toMatch(says)
  expect(err).not.toContain('secret-2')
  expect(signoz.changes).toEqual([])
})

test('nobody listens', async () => {
  await signoz.stop()
  const { code, err } = await provision(WITH_KEY, '--wait', '1')
  expect(code).toBe(3)
  expect(err).toContain('ECONNREFUSED')
})

/** A rule that was never switched off may be without the word. */
function withoutDisabled({ disabled, ...body }: { readonly disabled?: boolean | undefined }): object {
  return disabled === true ? { ...body, disabled } : body
}
