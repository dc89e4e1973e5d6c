docker run -it --rm --network=host -v './credit-card-fraud:/home/ibm-user/credit-card-fraud:z' icr.io/ibmz/tensorflow:X.X.X bash
