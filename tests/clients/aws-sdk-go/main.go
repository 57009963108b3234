// SPDX-License-Identifier: EUPL-1.2
// The AWS SDK for Go v2 in its own words: a line an operation. Arguments: VERSION BUCKET.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const key = "dossier/Délibération n°1.txt"

func main() {
	bucket, ctx := &os.Args[2], context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		fmt.Println("put FAILED", err)
		return
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = true })
	small, large := []byte(strings.Repeat("deliberation ", 1000)), bytes.Repeat([]byte("0123456789abcdef"), 12<<16)
	read := func(name string, wanted []byte, part *string) error {
		answer, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &name, Range: part})
		if err != nil {
			return err
		}
		got, err := io.ReadAll(answer.Body)
		if err == nil && !bytes.Equal(got, wanted) {
			err = fmt.Errorf("%d other bytes", len(got))
		}
		return err
	}
	names := func() []string {
		var all []string
		answer, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})
		if err != nil {
			return []string{err.Error()}
		}
		for _, object := range answer.Contents {
			all = append(all, *object.Key)
		}
		return all
	}
	multipart := func() error {
		name := aws.String("large")
		made, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: name})
		if err != nil {
			return err
		}
		var parts []types.CompletedPart
		for number, at := int32(1), 0; at < len(large); number, at = number+1, at+5<<20 {
			body := bytes.NewReader(large[at:min(at+5<<20, len(large))])
			done, err := client.UploadPart(ctx, &s3.UploadPartInput{
				Bucket: bucket, Key: name, UploadId: made.UploadId, PartNumber: &number, Body: body,
			})
			if err != nil {
				return err
			}
			parts = append(parts, types.CompletedPart{
				ETag: done.ETag, PartNumber: aws.Int32(number), ChecksumCRC32: done.ChecksumCRC32,
			})
		}
		_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: bucket, Key: name, UploadId: made.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
		if err != nil {
			return err
		}
		return read(*name, large, nil)
	}
	fmt.Println("version", os.Args[1])
	report := func(name string, err error) {
		if err != nil {
			fmt.Println(name, "FAILED", strings.ReplaceAll(err.Error(), "\n", " "))
			return
		}
		fmt.Println(name, "ok")
	}
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	if err == nil {
		_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(key), Body: bytes.NewReader(small)})
	}
	report("put", err)
	report("get", read(key, small, nil))
	if err = nil; len(names()) != 1 || names()[0] != key {
		err = fmt.Errorf("listed %v", names())
	}
	report("list", err)
	report("multipart", multipart())
	report("range", read(key, small[5:10], aws.String("bytes=5-9")))
	source := url.PathEscape(*bucket + "/" + key)
	_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: &source})
	if err == nil {
		err = read("copy", small, nil)
	}
	report("copy", err)
	var all []types.ObjectIdentifier
	for _, name := range names() {
		all = append(all, types.ObjectIdentifier{Key: aws.String(name)})
	}
	_, err = client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: all}})
	if left := names(); err == nil && len(left) != 0 {
		err = fmt.Errorf("left %v", left)
	}
	report("delete", err)
}
