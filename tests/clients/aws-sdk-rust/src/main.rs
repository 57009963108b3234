// SPDX-License-Identifier: EUPL-1.2
// The AWS SDK for Rust in its own words: a line an operation. Argument: BUCKET. The CA is that of SSL_CERT_FILE.
use std::env;
use std::error::Error;
use std::iter;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const KEY: &str = "dossier/Délibération n°1.txt";
const PART: usize = 5 << 20;

type Outcome = Result<(), Box<dyn Error>>;

struct Store {
    client: Client,
    bucket: String,
    small: Vec<u8>,
    large: Vec<u8>,
}

impl Store {
    async fn put(&self) -> Outcome {
        self.client.create_bucket().bucket(&self.bucket).send().await?;
        let body = ByteStream::from(self.small.clone());
        self.client.put_object().bucket(&self.bucket).key(KEY).body(body).send().await?;
        Ok(())
    }

    async fn read(&self, key: &str, wanted: &[u8], range: Option<&str>) -> Outcome {
        let asked = self.client.get_object().bucket(&self.bucket).key(key);
        let got = asked.set_range(range.map(String::from)).send().await?.body.collect().await?.into_bytes();
        if got == wanted { Ok(()) } else { Err(format!("{} other bytes", got.len()).into()) }
    }

    async fn names(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let answer = self.client.list_objects_v2().bucket(&self.bucket).send().await?;
        Ok(answer.contents().iter().filter_map(|object| object.key().map(String::from)).collect())
    }

    async fn list(&self) -> Outcome {
        let names = self.names().await?;
        if names == [KEY] { Ok(()) } else { Err(format!("listed {names:?}").into()) }
    }

    async fn multipart(&self) -> Outcome {
        let begun = self.client.create_multipart_upload().bucket(&self.bucket).key("large").send().await?;
        let upload = begun.upload_id().ok_or("no upload id")?;
        let mut parts = Vec::new();
        for (number, piece) in (1..).zip(self.large.chunks(PART)) {
            let sent = self.client.upload_part().bucket(&self.bucket).key("large").upload_id(upload);
            let done = sent.part_number(number).body(ByteStream::from(piece.to_vec())).send().await?;
            let part = CompletedPart::builder().part_number(number);
            parts.push(part.set_e_tag(done.e_tag).set_checksum_crc32(done.checksum_crc32).build());
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let whole = self.client.complete_multipart_upload().bucket(&self.bucket).key("large").upload_id(upload);
        whole.multipart_upload(parts).send().await?;
        self.read("large", &self.large, None).await
    }

    async fn copy(&self) -> Outcome {
        let source = format!("{}/{}", self.bucket, utf8_percent_encode(KEY, NON_ALPHANUMERIC));
        self.client.copy_object().bucket(&self.bucket).key("copy").copy_source(source).send().await?;
        self.read("copy", &self.small, None).await
    }

    async fn delete(&self) -> Outcome {
        let named = |name| ObjectIdentifier::builder().key(name).build();
        let all = self.names().await?.into_iter().map(named).collect::<Result<Vec<_>, _>>()?;
        let all = Delete::builder().set_objects(Some(all)).build()?;
        self.client.delete_objects().bucket(&self.bucket).delete(all).send().await?;
        let left = self.names().await?;
        if left.is_empty() { Ok(()) } else { Err(format!("left {left:?}").into()) }
    }
}

fn report(name: &str, outcome: Outcome) {
    match outcome {
        Ok(()) => println!("{name} ok"),
        Err(error) => {
            // An error of the SDK says little itself: what it stands for is in its causes.
            let causes = iter::successors(Some(&*error as &dyn Error), |&e| e.source());
            let why: Vec<_> = causes.map(|e| e.to_string().replace('\n', " ")).collect();
            println!("{name} FAILED {}", why.join(": "));
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let keys = (env::var("AWS_ACCESS_KEY_ID")?, env::var("AWS_SECRET_ACCESS_KEY")?);
    let settings = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(env::var("AWS_ENDPOINT_URL")?)
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(Credentials::new(keys.0, keys.1, None, None, "environment"))
        .force_path_style(true)
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https());
    let store = Store {
        client: Client::from_conf(settings.build()),
        bucket: env::args().nth(1).ok_or("no bucket")?,
        small: b"deliberation ".repeat(1000),
        large: b"0123456789abcdef".repeat(12 << 16),
    };
    println!("version {}", aws_sdk_s3::meta::PKG_VERSION);
    report("put", store.put().await);
    report("get", store.read(KEY, &store.small, None).await);
    report("list", store.list().await);
    report("multipart", store.multipart().await);
    report("range", store.read(KEY, &store.small[5..10], Some("bytes=5-9")).await);
    report("copy", store.copy().await);
    report("delete", store.delete().await);
    Ok(())
}
