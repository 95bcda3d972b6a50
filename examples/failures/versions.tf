terraform {
  required_version = ">= 1.5" # check blocks

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}
