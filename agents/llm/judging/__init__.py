"""The loaded chat model as a judge: the chance it gives 'yes' against 'no' behind one short prompt, nothing written."""
