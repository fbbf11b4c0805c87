import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** A random secret of 256 bits, with a prefix that identifies its purpose. */
export const makeSecret = (prefix: string): string => `${prefix}_${randomBytes(32).toString('base64url')}`;

/** The form in which a random secret is stored: SHA-256, in hexadecimal. (Passwords are hashed with argon2id instead.) */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Encrypts a text at rest with a 32-byte key: AES-256-GCM, base64 of nonce, tag and ciphertext. */
export function sealText(text: string, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

/** Decrypts what `sealText` has encrypted. @throws Error if the key is not the same */
export function openText(sealed: string, key: Buffer): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
