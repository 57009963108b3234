#!/usr/bin/node
// SPDX-License-Identifier: EUPL-1.2
// The AWS SDK for JavaScript, unedited, over TLS, with its own defaults: checksums in a trailer, aws-chunked bodies.
import assert from "node:assert/strict";
import {createHash, randomBytes} from "node:crypto";
import {
  AbortMultipartUploadCommand, CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, DeleteObjectsCommand,
  GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, CreateMultipartUploadCommand, PutObjectCommand, S3Client, UploadPartCommand,
  UploadPartCopyCommand, CompleteMultipartUploadCommand, paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import {Upload} from "@aws-sdk/lib-storage";
import {getSignedUrl} from "@aws-sdk/s3-request-presigner";
import {Readable} from "node:stream";

// An IP address has no sub-domains: path style is the one thing that a person must choose.
const s3 = new S3Client({forcePathStyle: true});
const bucket = `js-${randomBytes(4).toString("hex")}`;
const cases = [];
const test = (name, run) => cases.push([name, run]);
const bytes = async (answer) => Buffer.from(await answer.Body.transformToByteArray());
const data = (size) => Buffer.alloc(size, createHash("sha512").update(String(size)).digest());
const get = async (Key, more = {}) => bytes(await s3.send(new GetObjectCommand({Bucket: bucket, Key, ...more})));
const put = (Key, Body, more = {}) => s3.send(new PutObjectCommand({Bucket: bucket, Key, Body, ...more}));

test("put and get, of every interesting size", async () => {
  await s3.send(new CreateBucketCommand({Bucket: bucket}));
  for (const size of [0, 1, 8192, 8193, 65536, 65537, 1000003]) {
    await put(`size/${size}`, data(size), {Metadata: {colour: "vert"}});
    const answer = await s3.send(new GetObjectCommand({Bucket: bucket, Key: `size/${size}`, ChecksumMode: "ENABLED"}));
    assert.equal(answer.Metadata.colour, "vert");
    assert.ok((await bytes(answer)).equals(data(size)), `${size} bytes`);
  }
});

test("a stream, whose chunks have any size", async () => {
  const pieces = [1, 3, 70000, 2, 65536, 4].map((size) => data(size));
  const whole = Buffer.concat(pieces);
  await put("stream", Readable.from(pieces), {ContentLength: whole.length});
  assert.ok((await get("stream")).equals(whole));
});

test("each checksum that the client can choose", async () => {
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
    const stored = await put(`sum/${ChecksumAlgorithm}`, data(100001), {ChecksumAlgorithm});
    assert.ok(stored[`Checksum${ChecksumAlgorithm}`], ChecksumAlgorithm);
    const answer = await s3.send(new GetObjectCommand({Bucket: bucket, Key: `sum/${ChecksumAlgorithm}`, ChecksumMode: "ENABLED"}));
    assert.equal(answer[`Checksum${ChecksumAlgorithm}`], stored[`Checksum${ChecksumAlgorithm}`]);
    await bytes(answer);
  }
});

test("keys come back byte for byte", async () => {
  const keys = ["Délibération n°12 – été.pdf", "a//b", "a/../b", "&+\"e", "sp ace+plus%20", "é".repeat(512), "emoji 🏰"];
  // The longest key fills its 1 024 bytes: it has no room for a prefix.
  const full = (key) => (Buffer.byteLength(key) === 1024 ? key : `nasty/${key}`);
  for (const [n, key] of keys.entries()) await put(full(key), Buffer.from(`body ${n}`));
  for (const [n, key] of keys.entries()) assert.equal((await get(full(key))).toString(), `body ${n}`);
  const listed = (await s3.send(new ListObjectsV2Command({Bucket: bucket, Prefix: "nasty/"}))).Contents.map((o) => o.Key);
  const wanted = keys.map(full).filter((k) => k.startsWith("nasty/"));
  assert.deepEqual(listed, wanted.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
});

test("list in pages", async () => {
  for (let n = 0; n < 25; n++) await put(`page/${n}`, "x");
  const keys = [];
  for await (const page of paginateListObjectsV2({client: s3, pageSize: 7}, {Bucket: bucket, Prefix: "page/"})) {
    keys.push(...page.Contents.map((o) => o.Key));
  }
  assert.equal(keys.length, 25);
  assert.deepEqual(keys, [...keys].sort());
});

test("multipart of 100 MB by lib-storage, and ranges of it", async () => {
  const whole = data(100_000_000);
  await new Upload({client: s3, params: {Bucket: bucket, Key: "large", Body: whole}, partSize: 8 << 20, queueSize: 4}).done();
  assert.ok((await get("large")).equals(whole));
  assert.ok((await get("large", {Range: "bytes=8388600-8388615"})).equals(whole.subarray(8388600, 8388616)));
  assert.equal((await s3.send(new HeadObjectCommand({Bucket: bucket, Key: "large"}))).ContentLength, whole.length);
});

test("multipart by hand: part copy, complete, abort", async () => {
  const {UploadId} = await s3.send(new CreateMultipartUploadCommand({Bucket: bucket, Key: "parts"}));
  const at = {Bucket: bucket, Key: "parts", UploadId};
  const one = await s3.send(new UploadPartCopyCommand({...at, PartNumber: 1, CopySource: `${bucket}/large`, CopySourceRange: "bytes=0-5242879"}));
  const two = await s3.send(new UploadPartCommand({...at, PartNumber: 2, Body: data(12345)}));
  await s3.send(new CompleteMultipartUploadCommand({...at, MultipartUpload: {Parts: [
    {PartNumber: 1, ETag: one.CopyPartResult.ETag, ChecksumCRC32: one.CopyPartResult.ChecksumCRC32},
    {PartNumber: 2, ETag: two.ETag, ChecksumCRC32: two.ChecksumCRC32},
  ]}}));
  assert.ok((await get("parts")).equals(Buffer.concat([data(100_000_000).subarray(0, 5242880), data(12345)])));
  const other = await s3.send(new CreateMultipartUploadCommand({Bucket: bucket, Key: "aborted"}));
  await s3.send(new AbortMultipartUploadCommand({Bucket: bucket, Key: "aborted", UploadId: other.UploadId}));
});

test("copy and delete", async () => {
  await s3.send(new CopyObjectCommand({Bucket: bucket, Key: "copied", CopySource: encodeURIComponent(`${bucket}/nasty/Délibération n°12 – été.pdf`)}));
  assert.equal((await get("copied")).toString(), "body 0");
  await s3.send(new DeleteObjectCommand({Bucket: bucket, Key: "copied"}));
  await assert.rejects(get("copied"), (error) => error.name === "NoSuchKey" && error.$metadata.httpStatusCode === 404);
});

test("a presigned URL", async () => {
  const url = await getSignedUrl(s3, new GetObjectCommand({Bucket: bucket, Key: "stream"}), {expiresIn: 60});
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(await get("stream")));
});

test("delete all and the bucket", async () => {
  for (;;) {
    const {Contents = []} = await s3.send(new ListObjectsV2Command({Bucket: bucket}));
    if (!Contents.length) break;
    const {Deleted} = await s3.send(new DeleteObjectsCommand({Bucket: bucket, Delete: {Objects: Contents.map(({Key}) => ({Key}))}}));
    assert.equal(Deleted.length, Contents.length);
  }
  await s3.send(new DeleteBucketCommand({Bucket: bucket}));
});

let passed = 0;
for (const [name, run] of cases) {
  try {
    await run();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    console.log(`FAIL ${name}: ${error.stack}`);
  }
}
console.log(`${passed} passed, ${cases.length - passed} failed`);
process.exit(passed === cases.length ? 0 : 1);
