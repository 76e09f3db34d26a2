// Asks Go's own transparency log packages what they make of our checkpoints and proofs.
//
// Reads questions as JSON from standard input, one after another, and answers each with a line:
// "ok", or what is wrong. Every hash and signature is judged by golang.org/x/mod/sumdb, which knows
// nothing of Sluss; only the three lines of a checkpoint are taken apart here.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Key   string   // the log's vkey
	Note  []byte   // a signed checkpoint
	Entry []byte   // inclusion: the leaf
	Index int64    // inclusion: its index
	Path  [][]byte // either proof
	Old   []byte   // consistency: an earlier signed checkpoint
}

func main() {
	questions := json.NewDecoder(os.Stdin)
	for {
		var asked question
		if err := questions.Decode(&asked); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := answer(asked); err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}

func answer(asked question) error {
	size, root, err := open(asked.Note, asked.Key)
	if err != nil {
		return err
	}
	path := make([]tlog.Hash, len(asked.Path))
	for i, hash := range asked.Path {
		if copy(path[i][:], hash) != tlog.HashSize || len(hash) != tlog.HashSize {
			return errors.New("a hash has the wrong length")
		}
	}
	if asked.Entry != nil {
		return tlog.CheckRecord(path, size, root, asked.Index, tlog.RecordHash(asked.Entry))
	}
	if asked.Old != nil {
		oldSize, oldRoot, err := open(asked.Old, asked.Key)
		if err != nil {
			return err
		}
		return tlog.CheckTree(path, size, root, oldSize, oldRoot)
	}
	return nil
}

func open(signed []byte, key string) (size int64, root tlog.Hash, err error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return 0, root, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return 0, root, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return 0, root, errors.New("not a checkpoint of this log")
	}
	if size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return 0, root, err
	}
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(root[:], hash) != tlog.HashSize || len(hash) != tlog.HashSize {
		return 0, root, errors.New("the root is not a hash")
	}
	return size, root, nil
}
