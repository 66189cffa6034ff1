"""Whatever anybody may send: the answer is never a 5xx and always what the API description says."""
