import { expect, test } from 'vitest'
import { ownName } from './own-name.ts'

test.for([
  { by: 'its name', env: {}, name: 'agentperf' },
  {
    by: 'npm in a checkout',
    env: { npm_lifecycle_event: 'start', npm_package_name: 'agentperf' },
    name: 'npm run -s agentperf --',
  },
  { by: 'npx', env: { npm_lifecycle_event: 'npx', npm_package_name: 'agentperf' }, name: 'npx agentperf' },
  {
    by: 'a script of another package',
    env: { npm_lifecycle_event: 'kpis', npm_package_name: 'shop' },
    name: 'npx agentperf',
  },
])('called by $by it is told as $name', ({ env, name }) => {
  expect(ownName({ env })).toBe(name)
})
