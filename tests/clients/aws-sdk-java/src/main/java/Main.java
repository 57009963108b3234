// SPDX-License-Identifier: EUPL-1.2
// The AWS SDK for Java 2 does seven things: Main BUCKET; a line an operation.
import java.io.FileInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;

public class Main {
  interface Step {
    void run() throws Exception;
  }

  static final int PART = 5 << 20;

  static void step(String name, Step what) {
    try {
      what.run();
      System.out.println(name + " ok");
    } catch (Exception error) {
      System.out.println(name + " FAILED " + String.valueOf(error.getMessage()).replace('\n', ' '));
    }
  }

  static void same(byte[] got, byte[] wanted) {
    if (!Arrays.equals(got, wanted)) throw new IllegalStateException("other bytes came back");
  }

  static TrustManager[] authority(String file) {
    try (FileInputStream in = new FileInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) store.setCertificateEntry("ca" + number++, c);
      TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  public static void main(String[] words) {
    String bucket = words[0], key = "dossier/Délibération n°1.txt";
    byte[] small = "deliberation ".repeat(1000).getBytes(StandardCharsets.UTF_8);
    byte[] large = new byte[12 << 20];
    for (int i = 0; i < large.length; i++) large[i] = (byte) (i * 31 >> 3);
    System.out.println("version " + VersionInfo.SDK_VERSION);
    String ca = System.getenv("AWS_CA_BUNDLE");
    S3Client s3 =
        S3Client.builder()
            .endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL")))
            .region(Region.of(System.getenv("AWS_REGION")))
            .forcePathStyle(true)
            .httpClientBuilder(UrlConnectionHttpClient.builder().tlsTrustManagersProvider(() -> authority(ca)))
            .build();
    step("put", () -> {
      s3.createBucket(b -> b.bucket(bucket));
      s3.putObject(b -> b.bucket(bucket).key(key), RequestBody.fromBytes(small));
    });
    step("get", () -> same(s3.getObjectAsBytes(b -> b.bucket(bucket).key(key)).asByteArray(), small));
    step("list", () -> same(s3.listObjectsV2(b -> b.bucket(bucket)).contents().get(0).key().getBytes(StandardCharsets.UTF_8),
                            key.getBytes(StandardCharsets.UTF_8)));
    step("multipart", () -> {
      String upload = s3.createMultipartUpload(b -> b.bucket(bucket).key("large")).uploadId();
      List<CompletedPart> parts = new ArrayList<>();
      for (int at = 0; at < large.length; at += PART) {
        int number = at / PART + 1;
        byte[] piece = Arrays.copyOfRange(large, at, Math.min(at + PART, large.length));
        String etag = s3.uploadPart(b -> b.bucket(bucket).key("large").uploadId(upload).partNumber(number), RequestBody.fromBytes(piece)).eTag();
        parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
      }
      s3.completeMultipartUpload(b -> b.bucket(bucket).key("large").uploadId(upload).multipartUpload(m -> m.parts(parts)));
      same(s3.getObjectAsBytes(b -> b.bucket(bucket).key("large")).asByteArray(), large);
    });
    step("range", () -> same(s3.getObjectAsBytes(b -> b.bucket(bucket).key(key).range("bytes=5-9")).asByteArray(), Arrays.copyOfRange(small, 5, 10)));
    step("copy", () -> {
      s3.copyObject(b -> b.sourceBucket(bucket).sourceKey(key).destinationBucket(bucket).destinationKey("copy"));
      same(s3.getObjectAsBytes(b -> b.bucket(bucket).key("copy")).asByteArray(), small);
    });
    step("delete", () -> {
      List<ObjectIdentifier> all = new ArrayList<>();
      s3.listObjectsV2(b -> b.bucket(bucket)).contents().forEach(o -> all.add(ObjectIdentifier.builder().key(o.key()).build()));
      s3.deleteObjects(b -> b.bucket(bucket).delete(d -> d.objects(all)));
      if (s3.listObjectsV2(b -> b.bucket(bucket)).keyCount() != 0) throw new IllegalStateException("something is left");
    });
  }
}
