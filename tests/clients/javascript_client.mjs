// SPDX-License-Identifier: EUPL-1.2
// The AWS SDK for JavaScript, in its own words; run in the folder that has it: node javascript_client.mjs VERSION BUCKET
import {createRequire} from "node:module";
const require = createRequire(`${process.cwd()}/`);
const {
  CopyObjectCommand, CreateBucketCommand, DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client,
} = require("@aws-sdk/client-s3");
const {Upload} = require("@aws-sdk/lib-storage");

const [version, Bucket] = process.argv.slice(2);
const s3 = new S3Client({forcePathStyle: true});
const small = Buffer.from("deliberation ".repeat(1000)), large = Buffer.alloc(12 << 20, "0123456789abcdef");
const Key = "dossier/Délibération n°1.txt";
const read = async (input) => Buffer.from(await (await s3.send(new GetObjectCommand({Bucket, ...input}))).Body.transformToByteArray());
const same = (got, wanted) => { if (Buffer.compare(Buffer.from(got), Buffer.from(wanted))) throw new Error("other bytes"); };
const names = async () => ((await s3.send(new ListObjectsV2Command({Bucket}))).Contents ?? []).map((o) => o.Key);

const operations = {
  put: async () => {
    await s3.send(new CreateBucketCommand({Bucket}));
    await s3.send(new PutObjectCommand({Bucket, Key, Body: small}));
  },
  get: async () => same(await read({Key}), small),
  list: async () => same((await names()).join(), Key),
  multipart: async () => {
    await new Upload({client: s3, params: {Bucket, Key: "large", Body: large}, partSize: 5 << 20}).done();
    same(await read({Key: "large"}), large);
  },
  range: async () => same(await read({Key, Range: "bytes=5-9"}), small.subarray(5, 10)),
  copy: async () => {
    await s3.send(new CopyObjectCommand({Bucket, Key: "copy", CopySource: encodeURI(`${Bucket}/${Key}`)}));
    same(await read({Key: "copy"}), small);
  },
  delete: async () => {
    const Objects = (await names()).map((name) => ({Key: name}));
    await s3.send(new DeleteObjectsCommand({Bucket, Delete: {Objects}}));
    same((await names()).join(), "");
  },
};
console.log(`version ${version}`);
for (const [name, run] of Object.entries(operations)) {
  try {
    await run();
    console.log(`${name} ok`);
  } catch (error) {
    console.log(`${name} FAILED ${error.name}: ${error.message}`.replaceAll("\n", " ").slice(0, 300));
  }
}
