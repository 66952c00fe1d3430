import { expect, test } from 'vitest'
import { fileError, folderError } from './file-error.ts'

test.for([
  { code: 'EROFS', message: /^Cannot make the folder \/a\/b: EROFS\. The file system is read-only/ },
  { code: 'ENOENT', message: /^Cannot make the folder \/a\/b: the file system is read-only, or a part/ },
  { code: 'EWEIRD', message: /^Cannot make the folder \/a\/b: EWEIRD\.$/ },
])('a folder that cannot be made because of $code is told with what to do', ({ code, message }) => {
  expect(folderError('/a/b', Object.assign(new Error(), { code })).message).toMatch(message)
})

test('what was said already is not said again', () => {
  const first = fileError('Cannot write', '/a', new Error('oops'))
  expect(first.message).toBe('Cannot write /a: Error: oops.')
  expect(fileError('Cannot read', '/b', first)).toBe(first)
})
