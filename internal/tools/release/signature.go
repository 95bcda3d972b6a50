package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// readKeys reads an armored public key.
func readKeys(path string) (openpgp.EntityList, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the public key is missing: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	keys, err := openpgp.ReadArmoredKeyRing(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// checkSignature returns an error unless one of the keys has signed the text, in the way that the registry accepts:
// with RSA or DSA, and not armored.
func checkSignature(keys openpgp.EntityList, text, signature []byte) error {
	signed, _, err := openpgp.VerifyDetachedSignature(keys, bytes.NewReader(text), bytes.NewReader(signature), nil)
	if err != nil {
		return err
	}
	switch signed.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoDSA:
		return nil
	default:
		return errors.New("the registry accepts only RSA and DSA keys")
	}
}
