package aws

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// A key of several regions is one in each of them, with the same id and the same key material.
// Which of them is the primary one is in the output multiRegionKeyType; a key of one region has
// none. https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
const (
	primaryKey = "PRIMARY"
	replicaKey = "REPLICA"
)

// ErrNoKey is what KMS says of a key that the region does not have.
var ErrNoKey = errors.New("NotFoundException")

// Keys is KMS in one region of an account: what encrypts and decrypts with the keys of a cloud.
type Keys struct {
	Account, Region string
}

// Find finds a key by its id, its ARN or the name of an alias.
func (k Keys) Find(tx *cloud.Tx, name string) (*cloud.Object, error) {
	if strings.HasPrefix(name, "alias/") {
		alias, err := tx.Get(cloud.Key{
			Type:    aliasType,
			Account: k.Account,
			Region:  k.Region,
			ID:      name,
		})
		if err != nil {
			return nil, err
		}
		if alias == nil {
			return nil, fmt.Errorf("%w: Alias arn:aws:kms:%s:%s:%s is not found.", ErrNoKey, k.Region, k.Account,
				name)
		}
		name = alias.Text("targetKeyId")
	}
	id := name[strings.LastIndex(name, "/")+1:]
	key, err := tx.Get(cloud.Key{
		Type:    keyType,
		Account: k.Account,
		Region:  k.Region,
		ID:      id,
	})
	if err != nil {
		return nil, err
	}
	if key == nil || key.State == cloud.PendingDeletion {
		return nil, fmt.Errorf("%w: Key 'arn:aws:kms:%s:%s:key/%s' does not exist", ErrNoKey, k.Region, k.Account, id)
	}
	return key, nil
}

// Replicate makes the replica of a key in another region.
func (k Keys) Replicate(tx *cloud.Tx, name, region string) (*cloud.Object, error) {
	key, err := k.Find(tx, name)
	if err != nil {
		return nil, err
	}
	if key.Text("multiRegionKeyType") != primaryKey {
		return nil, fmt.Errorf("UnsupportedOperationException: %s is not a multi-Region primary key", key.ARN)
	}
	replica := *key
	replica.Region, replica.URN, replica.Inputs = region, "", nil
	replica.ARN = "arn:aws:kms:" + region + ":" + k.Account + ":key/" + key.ID
	replica.Outputs = cloud.Properties{}
	for name, value := range key.Outputs {
		replica.Outputs[name] = value
	}
	replica.Outputs["multiRegionKeyType"] = resource.NewProperty(replicaKey)
	return &replica, tx.Create(&replica)
}

// Name gives a key of the region an alias.
func (k Keys) Name(tx *cloud.Tx, alias, key string) error {
	found, err := k.Find(tx, key)
	if err != nil {
		return err
	}
	return tx.Create(&cloud.Object{
		Key: cloud.Key{
			Type:    aliasType,
			Account: k.Account,
			Region:  k.Region,
			ID:      alias,
		},
		Name:    alias,
		ARN:     "arn:aws:kms:" + k.Region + ":" + k.Account + ":" + alias,
		State:   Bootstrapped,
		Creator: k.Account,
		Outputs: cloud.Properties{
			"name":         resource.NewProperty(alias),
			"targetKeyId":  resource.NewProperty(found.ID),
			"targetKeyArn": resource.NewProperty(found.ARN),
		},
	})
}

// Encrypt encrypts with a key of the region.
func (k Keys) Encrypt(tx *cloud.Tx, name string, plain []byte) (sealed []byte, arn string, err error) {
	key, err := k.Find(tx, name)
	if err != nil {
		return nil, "", err
	}
	material, err := materialOf(key.ID)
	if err != nil {
		return nil, "", err
	}
	nonce := make([]byte, material.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, "", fmt.Errorf("draw a nonce: %w", err)
	}
	sealed = append([]byte{byte(len(key.ID))}, key.ID...)
	sealed = append(sealed, nonce...)
	return material.Seal(sealed, nonce, plain, nil), key.ARN, nil
}

// Decrypt decrypts with the key that the ciphertext names, which the region must have.
func (k Keys) Decrypt(tx *cloud.Tx, sealed []byte) (plain []byte, arn string, err error) {
	invalid := errors.New("InvalidCiphertextException: ")
	if len(sealed) == 0 || len(sealed) < 1+int(sealed[0])+12 {
		return nil, "", invalid
	}
	id, rest := string(sealed[1:1+sealed[0]]), sealed[1+int(sealed[0]):]
	key, err := k.Find(tx, id)
	if err != nil {
		return nil, "", err
	}
	material, err := materialOf(key.ID)
	if err != nil {
		return nil, "", err
	}
	if plain, err = material.Open(nil, rest[:material.NonceSize()], rest[material.NonceSize():], nil); err != nil {
		return nil, "", invalid
	}
	return plain, key.ARN, nil
}

// materialOf is the same for the keys of one id, in whichever region.
func materialOf(id string) (cipher.AEAD, error) {
	secret := sha256.Sum256([]byte("key material of " + id))
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return nil, fmt.Errorf("make the material of key %s: %w", id, err)
	}
	return cipher.NewGCM(block)
}
