// Command gpg stands in for GnuPG where "make release-check" signs: it takes GnuPG's arguments for that and no others, and
// signs with a key that it makes, publishes, and forgets. So the check needs neither GnuPG nor a secret.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("gpg", flag.ContinueOnError)
	key := flags.String("public-key-into", "", "`path` of the public key to write; not an option of GnuPG")
	batch := flags.Bool("batch", false, "ask nothing; required")
	user := flags.String("local-user", "", "`name` of the key; required")
	output := flags.String("output", "", "`path` of the signature; required")
	sign := flags.Bool("detach-sign", false, "write a binary signature beside the file; required")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if !*batch || !*sign || *user == "" || *output == "" || *key == "" || flags.NArg() != 1 {
		return errors.New("want -public-key-into PATH --batch --local-user NAME --output PATH --detach-sign FILE")
	}
	return signOnce(*user, flags.Arg(0), *output, *key)
}

// signOnce signs the file with a key that nobody can use again.
func signOnce(user, file, signature, publicKey string) error {
	signed, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = signed.Close() }() // only read
	// GnuPG's default is an elliptic curve, which the registry refuses.
	signer, err := openpgp.NewEntity(user, "for a check", "", &packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 3072})
	if err != nil {
		return err
	}
	err = write(signature, func(into io.Writer) error { return openpgp.DetachSign(into, signer, signed, nil) })
	return errors.Join(err, write(publicKey, func(into io.Writer) error { return exportTo(into, signer) }))
}

func exportTo(file io.Writer, signer *openpgp.Entity) error {
	armored, err := armor.Encode(file, openpgp.PublicKeyType, nil)
	if err != nil {
		return err
	}
	return errors.Join(signer.Serialize(armored), armored.Close())
}

func write(path string, content func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(content(file), file.Close())
}
