// SPDX-License-Identifier: EUPL-1.2
// minio-go in its own words: a line an operation. Arguments: VERSION BUCKET.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const key = "dossier/Délibération n°1.txt"

func main() {
	bucket, ctx := os.Args[2], context.Background()
	endpoint, _ := url.Parse(os.Getenv("AWS_ENDPOINT_URL"))
	s3, err := minio.New(endpoint.Host, &minio.Options{
		Creds:  credentials.NewEnvAWS(),
		Secure: true,
		Region: os.Getenv("AWS_REGION"),
	})
	if err != nil {
		fmt.Println("put FAILED", err)
		return
	}
	small, large := []byte(strings.Repeat("deliberation ", 1000)), bytes.Repeat([]byte("0123456789abcdef"), 12<<16)
	read := func(name string, wanted []byte, options minio.GetObjectOptions) error {
		object, err := s3.GetObject(ctx, bucket, name, options)
		if err != nil {
			return err
		}
		got, err := io.ReadAll(object)
		if err == nil && !bytes.Equal(got, wanted) {
			err = fmt.Errorf("%d other bytes", len(got))
		}
		return err
	}
	put := func(name string, data []byte) error {
		_, err := s3.PutObject(ctx, bucket, name, bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{PartSize: 5 << 20})
		return err
	}
	names := func() []string {
		var all []string
		for object := range s3.ListObjects(ctx, bucket, minio.ListObjectsOptions{Recursive: true}) {
			all = append(all, object.Key)
		}
		return all
	}
	fmt.Println("version", os.Args[1])
	report := func(name string, err error) {
		if err != nil {
			fmt.Println(name, "FAILED", err)
			return
		}
		fmt.Println(name, "ok")
	}
	err = s3.MakeBucket(ctx, bucket, minio.MakeBucketOptions{})
	if err == nil {
		err = put(key, small)
	}
	report("put", err)
	report("get", read(key, small, minio.GetObjectOptions{}))
	if err = nil; len(names()) != 1 || names()[0] != key {
		err = fmt.Errorf("listed %v", names())
	}
	report("list", err)
	if err = put("large", large); err == nil {
		err = read("large", large, minio.GetObjectOptions{})
	}
	report("multipart", err)
	var part minio.GetObjectOptions
	_ = part.SetRange(5, 9)
	report("range", read(key, small[5:10], part))
	_, err = s3.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "copy"}, minio.CopySrcOptions{Bucket: bucket, Object: key})
	if err == nil {
		err = read("copy", small, minio.GetObjectOptions{})
	}
	report("copy", err)
	err = nil
	for _, name := range names() {
		if failed := s3.RemoveObject(ctx, bucket, name, minio.RemoveObjectOptions{}); failed != nil {
			err = failed
		}
	}
	if left := names(); err == nil && len(left) != 0 {
		err = fmt.Errorf("left %v", left)
	}
	report("delete", err)
}
