package random

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"

	"github.com/google/uuid"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/bcrypt"
)

const (
	passwordType = "random:index/randomPassword:RandomPassword"
	stringType   = "random:index/randomString:RandomString"
	idType       = "random:index/randomId:RandomId"
	uuidType     = "random:index/randomUuid:RandomUuid"
	integerType  = "random:index/randomInteger:RandomInteger"
)

// class is one sort of characters that a string is made of.
type class struct {
	alphabet string
	minimum  int
	on       bool
}

// classes reads the four sorts, in the real provider's order: each is on unless it is switched off.
func classes(inputs resource.PropertyMap) []class {
	special := "!@#$%&*()-_=+[]{}<>:?"
	if own := inputs["overrideSpecial"]; own.IsString() && own.StringValue() != "" {
		special = own.StringValue()
	}
	numeric := on(inputs, "numeric") && on(inputs, "number")
	return []class{
		{"abcdefghijklmnopqrstuvwxyz", integer(inputs, "minLower"), on(inputs, "lower")},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", integer(inputs, "minUpper"), on(inputs, "upper")},
		{"0123456789", integer(inputs, "minNumeric"), numeric},
		{special, integer(inputs, "minSpecial"), on(inputs, "special")},
	}
}

func on(inputs resource.PropertyMap, name string) bool {
	v := inputs[resource.PropertyKey(name)]
	return !(v.IsBool() && !v.BoolValue() || v.IsString() && v.StringValue() == "false")
}

func integer(inputs resource.PropertyMap, name string) int {
	switch v := inputs[resource.PropertyKey(name)]; {
	case v.IsNumber():
		return int(v.NumberValue())
	case v.IsString():
		if n, err := strconv.Atoi(v.StringValue()); err == nil {
			return n
		}
	}
	return 0
}

// refuse refuses what the real provider refuses. Values that are not known yet pass.
func refuse(token string, inputs resource.PropertyMap) error {
	if inputs.ContainsUnknowns() {
		return nil
	}
	switch token {
	case passwordType, stringType:
		return refuseString(inputs)
	case idType:
		if n := integer(inputs, "byteLength"); n < 1 {
			return fmt.Errorf("attribute byteLength value must be at least 1, got: %d", n)
		}
	case integerType:
		if low, high := integer(inputs, "min"), integer(inputs, "max"); low > high {
			return fmt.Errorf("the minimum (min) value needs to be smaller than or equal to maximum (max) "+
				"value: %d, %d", low, high)
		}
		if inputs["seed"].IsString() {
			return fmt.Errorf("seed is not modelled: the values here are never the same twice")
		}
	}
	return nil
}

func refuseString(inputs resource.PropertyMap) error {
	length, minimums, any := integer(inputs, "length"), 0, false
	for _, c := range classes(inputs) {
		if c.minimum < 0 {
			return fmt.Errorf("a minimum must be at least 0, got: %d", c.minimum)
		}
		minimums += c.minimum
		any = any || c.on
	}
	switch {
	case length < 1:
		return fmt.Errorf("attribute length value must be at least 1, got: %d", length)
	case length < minimums:
		return fmt.Errorf("attribute length value must be at least sum of (minUpper, minLower, minNumeric, "+
			"minSpecial), got: %d, want %d", length, minimums)
	case !any:
		return fmt.Errorf("at least one of lower, upper, numeric and special must be true")
	case on(inputs, "numeric") != on(inputs, "number") && inputs.HasValue("numeric") && inputs.HasValue("number"):
		return fmt.Errorf("number is the old name of numeric: the two cannot differ")
	}
	return nil
}

// generate makes the id and the outputs of one resource.
func generate(token string, inputs resource.PropertyMap) (string, map[string]any, error) {
	switch token {
	case passwordType:
		text, err := randomString(inputs)
		if err != nil {
			return "", nil, err
		}
		// bcrypt reads 72 bytes; the real provider hashes that many of a longer password.
		hash, err := bcrypt.GenerateFromPassword([]byte(text)[:min(len(text), 72)], bcrypt.DefaultCost)
		if err != nil {
			return "", nil, fmt.Errorf("hash the password: %w", err)
		}
		return "none", map[string]any{"result": text, "bcryptHash": string(hash)}, nil
	case stringType:
		text, err := randomString(inputs)
		return text, map[string]any{"result": text}, err
	case idType:
		return randomID(inputs)
	case uuidType:
		id, err := uuid.NewRandom()
		return id.String(), map[string]any{"result": id.String()}, err
	case integerType:
		low, high := integer(inputs, "min"), integer(inputs, "max")
		n, err := rand.Int(rand.Reader, big.NewInt(int64(high-low)+1))
		if err != nil {
			return "", nil, fmt.Errorf("read randomness: %w", err)
		}
		value := low + int(n.Int64())
		return strconv.Itoa(value), map[string]any{"result": float64(value)}, nil
	}
	return "", nil, fmt.Errorf("unrecognized resource type (%s)", token)
}

// randomString takes the minimum of each class, fills up from all classes that are on, and
// shuffles.
func randomString(inputs resource.PropertyMap) (string, error) {
	var text, all []byte
	pick := func(alphabet []byte, n int) error {
		for range n {
			i, err := below(len(alphabet))
			if err != nil {
				return err
			}
			text = append(text, alphabet[i])
		}
		return nil
	}
	for _, c := range classes(inputs) {
		if c.on {
			all = append(all, c.alphabet...)
		}
		if err := pick([]byte(c.alphabet), c.minimum); err != nil {
			return "", err
		}
	}
	if err := pick(all, integer(inputs, "length")-len(text)); err != nil {
		return "", err
	}
	for i := len(text) - 1; i > 0; i-- {
		j, err := below(i + 1)
		if err != nil {
			return "", err
		}
		text[i], text[j] = text[j], text[i]
	}
	return string(text), nil
}

func below(n int) (int, error) {
	k, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, fmt.Errorf("read randomness: %w", err)
	}
	return int(k.Int64()), nil
}

func randomID(inputs resource.PropertyMap) (string, map[string]any, error) {
	raw := make([]byte, integer(inputs, "byteLength"))
	if _, err := rand.Read(raw); err != nil {
		return "", nil, fmt.Errorf("read randomness: %w", err)
	}
	prefix := ""
	if p := inputs["prefix"]; p.IsString() {
		prefix = p.StringValue()
	}
	url := base64.RawURLEncoding.EncodeToString(raw)
	return url, map[string]any{
		"b64Std": prefix + base64.StdEncoding.EncodeToString(raw),
		"b64Url": prefix + url,
		"dec":    prefix + new(big.Int).SetBytes(raw).String(),
		"hex":    prefix + hex.EncodeToString(raw),
	}, nil
}
